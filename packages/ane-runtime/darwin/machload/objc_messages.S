// messageSend: objc_msgSend of the image. A message to nil answers zeros. The frame information lets an exception of
// Linux pass to the @try of sendMessage.
.text
.globl messageSend
.type messageSend, %function
messageSend:
  .cfi_startproc
  cbnz x0, 1f
  mov x1, #0
  movi d0, #0
  movi d1, #0
  movi d2, #0
  movi d3, #0
  ret
1:
  stp x29, x30, [sp, #-16]!
  .cfi_def_cfa_offset 16
  .cfi_offset 29, -16
  .cfi_offset 30, -8
  mov x29, sp
  .cfi_def_cfa 29, 16
  sub sp, sp, #416
  stp q0, q1, [sp]
  stp q2, q3, [sp, #32]
  stp q4, q5, [sp, #64]
  stp q6, q7, [sp, #96]
  stp x0, x1, [sp, #128]
  stp x2, x3, [sp, #144]
  stp x4, x5, [sp, #160]
  stp x6, x7, [sp, #176]
  str x8, [sp, #192]
  stp x19, x20, [sp, #200]
  stp x21, x22, [sp, #216]
  stp x23, x24, [sp, #232]
  stp x25, x26, [sp, #248]
  stp x27, x28, [sp, #264]
  ldr x9, [x29]
  stp x9, x30, [sp, #280]
  add x9, x29, #16
  str x9, [sp, #296]
  stp d8, d9, [sp, #304]
  stp d10, d11, [sp, #320]
  stp d12, d13, [sp, #336]
  stp d14, d15, [sp, #352]
  mov x0, sp
  add x1, sp, #368
  bl sendMessage
  ldp x0, x1, [sp, #368]
  ldp d0, d1, [sp, #384]
  ldp d2, d3, [sp, #400]
  mov sp, x29
  ldp x29, x30, [sp], #16
  ret
  .cfi_endproc

// callMethod(method, call, result): with the recorded arguments, those on the stack (the first twelve) included.
.globl callMethod
.type callMethod, %function
callMethod:
  .cfi_startproc
  stp x29, x30, [sp, #-32]!
  .cfi_def_cfa_offset 32
  .cfi_offset 29, -32
  .cfi_offset 30, -24
  mov x29, sp
  .cfi_def_cfa 29, 32
  str x2, [sp, #16]
  mov x16, x0
  mov x9, x1
  ldr x10, [x9, #296]
  sub sp, sp, #96
  .irp offset, 0, 16, 32, 48, 64, 80
  ldp x11, x12, [x10, #\offset]
  stp x11, x12, [sp, #\offset]
  .endr
  ldp q0, q1, [x9]
  ldp q2, q3, [x9, #32]
  ldp q4, q5, [x9, #64]
  ldp q6, q7, [x9, #96]
  ldr x8, [x9, #192]
  ldp x6, x7, [x9, #176]
  ldp x4, x5, [x9, #160]
  ldp x2, x3, [x9, #144]
  ldp x0, x1, [x9, #128]
  blr x16
  ldr x9, [x29, #16]
  stp x0, x1, [x9]
  stp d0, d1, [x9, #16]
  stp d2, d3, [x9, #32]
  mov sp, x29
  ldp x29, x30, [sp], #32
  ret
  .cfi_endproc

.section .note.GNU-stack, "", %progbits
