// Entries of the unwinder: they record the registers of the image's frame that called them as a Context
// (unwind_context.h).
.text
.macro recording name, continuation
  .globl \name
  .type \name, %function
\name:
  stp x29, x30, [sp, #-16]!
  mov x29, sp
  sub sp, sp, #560
  stp x19, x20, [sp, #152]
  stp x21, x22, [sp, #168]
  stp x23, x24, [sp, #184]
  stp x25, x26, [sp, #200]
  stp x27, x28, [sp, #216]
  ldr x10, [x29]
  stp x10, x30, [sp, #232]      // x29 and x30 of the caller
  add x10, x29, #16
  stp x10, x30, [sp, #248]      // its sp and pc
  stp d8, d9, [sp, #328]
  stp d10, d11, [sp, #344]
  stp d12, d13, [sp, #360]
  stp d14, d15, [sp, #376]
  mov x1, sp
  bl \continuation
  mov sp, x29
  ldp x29, x30, [sp], #16
  ret
.endm

recording unwindRaiseException, raiseExceptionFrom
recording unwindResume, resumeFrom

// jumpTo(const Context*): into a landing pad, which finds the exception in x0 and the handler's number in x1.
.globl jumpTo
.type jumpTo, %function
jumpTo:
  ldp d8, d9, [x0, #328]
  ldp d10, d11, [x0, #344]
  ldp d12, d13, [x0, #360]
  ldp d14, d15, [x0, #376]
  ldp x19, x20, [x0, #152]
  ldp x21, x22, [x0, #168]
  ldp x23, x24, [x0, #184]
  ldp x25, x26, [x0, #200]
  ldp x27, x28, [x0, #216]
  ldr x29, [x0, #232]
  ldp x17, x16, [x0, #248]
  mov sp, x17
  ldp x0, x1, [x0]
  br x16

.section .note.GNU-stack, "", %progbits
