// Texts that are hard for tokenizers, shared by the tests.

import fc from "fast-check";

/** Fixed examples: prompts of llama2.c's test.c, scripts, spacing, text that looks like control or byte pieces. */
export const examples: readonly string[] = [
  "I believe the meaning of life is",
  "Simply put, the theory of relativity states that ",
  "A brief message congratulating the team on the launch:\n\n        Hi everyone,\n\n        I just ",
  "Translate English to French:\n\n        sea otter => loutre de mer\n        cheese =>",
  "grabbed",
  " grabbed",
  "           grabbed",
  "\n",
  " \n",
  "\tab\t\t c",
  " ",
  "  ",
  `a${" ".repeat(45)}b${" ".repeat(17)}`,
  "tabs\tand  double   triple    spaces \n \n  \n\n end ",
  "ax\n####\nboo",
  "镇",
  "🦙.",
  "👨‍👩‍👧‍👦 family, flag 🇫🇮, skin 👍🏽, keycap 3️⃣",
  "日本語の文章には空白がありません。改行\nも。",
  "مرحبا بالعالم עברית \u202eabc\u202c",
  "e\u0301 vs é, क्षि, Z̸̢̛a̵l̶g̷o̸",
  "no-break\u00a0space\u3000ideographic\u2009thin\u200bzero",
  "<s>text</s><unk><0x41><0x0A>",
  "control \u0000 \u0001 \u007f \r\n",
  "\ufeffbom",
  "\ufffd replacement",
  "naïve café — “quotes” … №5 ½ ﬁ ﷺ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
  'if (x == 0) {\n\treturn "0x0F";\n}',
  "3.14159265358979 1,000,000 ٣٤٥",
];

const fragment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...examples.flatMap((text) => text.split(/(?<=[ \n])/))),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(" ", "  ", "   ", "\n", "\t", "\u00a0", "<s>", "<0x41>"),
  },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);

/** Well-formed text of mixed scripts and spacing, without U+2581 (which encoding turns into a space). */
export const anyText = fc
  .array(fragment, { maxLength: 12 })
  .map((fragments) => fragments.join("").replaceAll("\u2581", "_"));
