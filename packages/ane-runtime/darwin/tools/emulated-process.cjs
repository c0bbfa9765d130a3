// What an emulated process gets wrong about itself. Its execPath is its own arm64 binary, which the host cannot
// execute: children need the emulator in front. With a Mach-O addon it plays macOS, so that JavaScript takes the paths
// it takes there.
process.execPath = process.env.ANE_EMULATED_NODE;
const platform = process.env.ANE_EMULATED_PLATFORM;
if (platform) Object.defineProperty(process, "platform", { value: platform });
