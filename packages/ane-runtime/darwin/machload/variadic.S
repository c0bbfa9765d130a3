// Apple's arm64 convention passes every variadic argument on the stack, in slots of 8 bytes; Linux uses registers
// first. Each entry hands the address of the slots to its C++ part as one more argument.
.text
.macro variadic name, fixedArguments
  .globl \name
  .type \name, %function
\name:
  mov x\fixedArguments, sp
  b \name\()WithSlots
.endm

variadic darwinFprintf, 2
variadic darwinSnprintf, 3
variadic darwinSwprintf, 3
variadic darwinOpen, 2
variadic darwinFcntl, 2
variadic darwinShmOpen, 2

.section .note.GNU-stack, "", %progbits
