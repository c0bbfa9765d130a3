/** The front page: what VitePress's home layout shows. */
export const home = {
  layout: "home",
  hero: {
    name: "ane",
    text: "Train transformers on Apple's Neural Engine",
    tagline:
      "From TypeScript. Kernels are typed MIL programs; forward and input gradients run on the device, weight gradients, loss and Adam on the CPU. Without Apple hardware the same program text runs on a portable CPU device.",
    image: { src: "/images/dashboard-dark.png", alt: "The dashboard with a running training" },
    actions: [
      { theme: "brand", text: "Get started in five minutes", link: "/get-started" },
      { theme: "alt", text: "The six kernels", link: "/kernels" },
      { theme: "alt", text: "API", link: "/api/" },
    ],
  },
  features: [
    {
      title: "Kernels you can read",
      details:
        "Forward and backward of a Llama layer as MIL programs, built with types, printed as Apple's compiler reads them, verified against what each chip is known to refuse.",
      link: "/kernels",
    },
    {
      title: "Gradients for free",
      details:
        "The gradient of a MIL program is a MIL program, derived op by op. Write a layer forward, and train it.",
      link: "/packages/mil-builder/docs/autodiff",
    },
    {
      title: "Exact resume",
      details:
        "Restart at the compile budget, kill -9, resume on another day. The losses are those of one uninterrupted process, bit for bit.",
      link: "/guides/resume",
    },
    {
      title: "Facts with evidence",
      details:
        "What is known of the engine, who reported it, what contradicts what, and what only a Mac can tell. No number without its source.",
      link: "/ane-facts",
    },
    {
      title: "See it train",
      details:
        "Live in the terminal and in a browser, with samples, several runs compared. Views only read, so they come and go.",
      link: "/get-started#_3-watch",
    },
    {
      title: "Models in and out",
      details:
        "llama2.c and Hugging Face in; llama2.c, safetensors and Core ML packages out. Read back and compared in tests.",
      link: "/guides/export",
    },
  ],
};
