"""Tokens per second of PyTorch eager, for the table in docs/performance.md.

    python3 measure_generation.py FOLDER THREADS PROMPT_TOKENS NEW_TOKENS

Prints the rates of a bare loop with transformers' cache and of its generate, both greedy in float32.
"""

import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from transformers import AutoModelForCausalLM

folder = sys.argv[1]
threads, prompt_tokens, new_tokens = (int(argument) for argument in sys.argv[2:5])
torch.set_num_threads(threads)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
ids = torch.tensor([[(index * 7919 + 13) % model.config.vocab_size for index in range(prompt_tokens)]])


@torch.no_grad()
def loop() -> float:
    output = model(ids, use_cache=True)
    start = time.perf_counter()
    for _ in range(new_tokens - 1):
        token = output.logits[:, -1:].argmax(-1)
        output = model(token, past_key_values=output.past_key_values, use_cache=True)
    return (new_tokens - 1) / (time.perf_counter() - start)


@torch.no_grad()
def generate() -> float:
    def seconds(count: int) -> float:
        start = time.perf_counter()
        model.generate(ids, max_new_tokens=count, min_new_tokens=count, do_sample=False, pad_token_id=0)
        return time.perf_counter() - start

    first = seconds(1)
    return (new_tokens - 1) / (seconds(new_tokens) - first)


model(ids)
print(f"loop {loop():.2f} generate {generate():.2f} tokens/s, load {os.getloadavg()[0]:.1f}")
