"""Writes what transformers takes for what a config.json leaves out: test/fixtures/conversion/defaults.json.

Run on Debian sid with python3-transformers 5.12:

    python3 make_defaults.py OUTPUT

Each line is a kind of model with the values that its configuration class has before other values are known: null is none, or a value that
follows from others. The base of the rope is there as `rope_theta`, where transformers 4 had it. Keys that every kind of model has are left out,
but for those that change the tensors.
"""

import dataclasses
import json
import sys
from pathlib import Path

from transformers import AutoConfig, PreTrainedConfig

KINDS = [
    "llama", "mistral", "mixtral", "qwen2", "qwen3", "qwen2_moe", "qwen3_moe", "gemma", "gemma2", "gemma3_text", "phi3", "smollm3", "olmo2",
    "olmo3", "granite", "stablelm", "starcoder2", "gpt2", "falcon", "gpt_neox", "bert", "roberta", "xlm-roberta", "distilbert", "nomic_bert",
    "modernbert",
]
KEPT = {"tie_word_embeddings", "pad_token_id", "is_decoder"}


def rope_theta(config) -> dict:
    parameters = getattr(config, "rope_parameters", None)
    if not parameters:
        return {}
    return {"rope_theta": parameters.get("full_attention", parameters)["rope_theta"]}


common = {field.name for field in dataclasses.fields(PreTrainedConfig)} - KEPT
lines = []
for kind in KINDS:
    config = AutoConfig.for_model(kind)
    values = {
        field.name: field.default
        for field in dataclasses.fields(type(config))
        if field.name not in common | {"rope_parameters"} and field.default is not dataclasses.MISSING
    }
    ordered = dict(sorted({**values, **rope_theta(config)}.items()))
    lines.append(f"{json.dumps(kind)}: {json.dumps(ordered)}")
Path(sys.argv[1]).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
