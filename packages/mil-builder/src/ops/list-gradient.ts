/** Lists, whose length the program may change as it runs. */
import type { Rules } from "../autodiff/vjp.js";

const refused = "lists carry no gradients";
const advice = "Use stack and split on a tensor with a dim for the list";

export const LIST_GRADIENTS = {
  list_gather: { refused, advice },
  list_length: { zero: "a length does not depend on elements" },
  list_read: { refused, advice },
  list_scatter: { refused, advice },
  list_write: { refused, advice },
  make_list: { refused, advice },
} satisfies Rules;
