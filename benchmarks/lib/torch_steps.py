"""PyTorch's micro-step for comparison: forward and backward of one sequence of a Llama model, batch 1.

Reads one mode ("fp32" or "bf16") per line from standard input, runs one micro-step in it and answers with one line of
JSON, so that the caller can interleave it with its own measurements. Gradients accumulate as in training.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

shape = json.loads(sys.argv[1])  # dim, hiddenDim, layers, heads, kvHeads, vocabSize, seqLen
D, FF, L, H, KV, V, S = (
    shape[key] for key in ("dim", "hiddenDim", "layers", "heads", "kvHeads", "vocabSize", "seqLen")
)
h = D // H
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(42)

inverse_frequency = 10000.0 ** (-torch.arange(0, h, 2).float() / h)
angles = torch.outer(torch.arange(S).float(), inverse_frequency)
cos, sin = angles.cos()[None, None], angles.sin()[None, None]


def rope(x):  # [1, heads, S, h], interleaved pairs
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = nn.RMSNorm(D, eps=1e-5)
        self.wq = nn.Linear(D, H * h, bias=False)
        self.wk = nn.Linear(D, KV * h, bias=False)
        self.wv = nn.Linear(D, KV * h, bias=False)
        self.wo = nn.Linear(H * h, D, bias=False)
        self.ffn_norm = nn.RMSNorm(D, eps=1e-5)
        self.w1 = nn.Linear(D, FF, bias=False)
        self.w2 = nn.Linear(FF, D, bias=False)
        self.w3 = nn.Linear(D, FF, bias=False)

    def forward(self, x):
        xn = self.attention_norm(x)
        q = rope(self.wq(xn).view(1, S, H, h).transpose(1, 2))
        k = rope(self.wk(xn).view(1, S, KV, h).transpose(1, 2))
        v = self.wv(xn).view(1, S, KV, h).transpose(1, 2)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=KV != H)
        x = x + self.wo(a.transpose(1, 2).reshape(1, S, H * h))
        xn = self.ffn_norm(x)
        return x + self.w2(F.silu(self.w1(xn)) * self.w3(xn))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, D)
        nn.init.normal_(self.embedding.weight, std=0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(L))
        self.norm = nn.RMSNorm(D, eps=1e-5)

    def forward(self, tokens, targets):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        logits = F.linear(self.norm(x), self.embedding.weight)
        return F.cross_entropy(logits.view(S, V).float(), targets.view(S))


model = Llama()
window = torch.randint(V, (S + 1,))
tokens, targets = window[None, :-1], window[None, 1:]
print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    started = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=line.strip() == "bf16"):
        loss = model(tokens, targets)
    loss.backward()
    print(json.dumps({"ms": (time.perf_counter() - started) * 1000, "loss": loss.item()}), flush=True)
