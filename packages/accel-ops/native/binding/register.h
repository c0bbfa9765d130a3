// One function per binding file: adds that file's functions to the module's exports.
#pragma once

#include <napi.h>

namespace ane::binding {

void registerAlignedBuffer(Napi::Env env, Napi::Object exports);
void registerConvert(Napi::Env env, Napi::Object exports);
void registerCopyStrided(Napi::Env env, Napi::Object exports);
void registerCpuInfo(Napi::Env env, Napi::Object exports);
void registerElementwise(Napi::Env env, Napi::Object exports);
void registerGemm(Napi::Env env, Napi::Object exports);
void registerActivation(Napi::Env env, Napi::Object exports);
void registerAdamW(Napi::Env env, Napi::Object exports);
void registerCrossEntropy(Napi::Env env, Napi::Object exports);
void registerEmbedding(Napi::Env env, Napi::Object exports);
void registerFillNormal(Napi::Env env, Napi::Object exports);
void registerLimits(Napi::Env env, Napi::Object exports);
void registerProgram(Napi::Env env, Napi::Object exports);
void registerRmsNorm(Napi::Env env, Napi::Object exports);
void registerRope(Napi::Env env, Napi::Object exports);
void registerSoftmax(Napi::Env env, Napi::Object exports);
void registerReduce(Napi::Env env, Napi::Object exports);
void registerTranspose(Napi::Env env, Napi::Object exports);
void registerVector(Napi::Env env, Napi::Object exports);
void registerMapFile(Napi::Env env, Napi::Object exports);
void registerSharedMemory(Napi::Env env, Napi::Object exports);

}  // namespace ane::binding
