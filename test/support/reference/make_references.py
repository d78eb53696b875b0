"""Writes what the reference implementations make of small checkpoints: test/fixtures/conversion/architectures/<name>.json.

Run on Debian sid with llama.cpp-tools 0.7.0, python3-gguf 0.19, python3-transformers 5.12 and python3-torch 2.14:

    python3 make_references.py TOKENIZERS OUTPUT WORK [NAME...]

With KEEP_GGUF=FOLDER the F32 files stay there. TOKENIZERS is test/fixtures/conversion/tokenizers, OUTPUT the folder for the results, WORK a folder for the checkpoints. The names of
tensors are those that transformers saves; variants.py says where published checkpoints have others. transformers computes the logits
in float32; convert_hf_to_gguf.py writes the GGUF files that the hashes are of.

Two mistakes of the reference converter are mended (fixed_converter). It knows a pre-tokenizer by the ids that a published vocabulary gives. The vocabularies here are smaller, so it is
told the name.
"""

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, "/usr/share/llama.cpp/llama.cpp-tools")

import gguf
import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

from made_weights import describe, mix, values
from nomic_moe import NomicMoe, shapes_of
from published_names import published_names
from variants import VARIANTS

PRE = {"qwen2": "qwen2", "qwen3": "qwen2", "gemma": "default", "llama": "llama-bpe", "gpt2": "gpt-2", "gpt-neox": "mpt",
       "bert": "jina-v2-en", "xlm-roberta": "default", "falcon": "falcon", "mistral": "default", "phi3": "default"}
OUTTYPES = ["f32", "f16", "bf16", "q8_0"]

spec = importlib.util.spec_from_file_location("converter", "/usr/share/doc/llama.cpp-tools/scripts/convert_hf_to_gguf.py")
converter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(converter)
from conversion.base import ModelBase, TextModel  # noqa: E402

load_hparams = ModelBase.load_hparams


def model_class(variant: dict):
    if variant["kind"] == "embedding":
        return AutoModel
    return getattr(transformers, variant["config"]["architectures"][0], AutoModelForCausalLM)


def write_json(path: Path, value) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def parameters_of(variant: dict, work: Path) -> dict[str, list[int]]:
    """Names and shapes as transformers saves a new model of this config."""
    if variant.get("own"):
        return shapes_of(variant["config"])
    config_folder = work / "config"
    config_folder.mkdir()
    write_json(config_folder / "config.json", variant.get("native", variant["config"]))
    config = AutoConfig.from_pretrained(config_folder)
    model = getattr(transformers, variant["config"]["architectures"][0], None) or model_class(variant)
    torch.manual_seed(1)
    made = model.from_config(config) if hasattr(model, "from_config") else model(config)
    made.to({"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}[variant["dtype"]])
    made.save_pretrained(work / "saved")
    return {name: list(tensor.shape) for name, tensor in load_file(work / "saved/model.safetensors").items()}


def is_tied(config: dict) -> bool:
    return config.get("tie_word_embeddings", config["model_type"] not in ("llama", "mistral", "qwen2", "qwen2_moe", "qwen3", "phi3"))


def described(name: str, shape: list[int], variant: dict) -> dict:
    """Values of about the size that a trained model has, so that each tensor counts in the logits."""
    is_norm = name.endswith((".gamma",)) or len(shape) == 1 and "norm" in name.lower() or name.endswith(("ln_1.weight", "ln_2.weight", "ln_f.weight", "LayerNorm.weight", "ln_attn.weight", "ln_mlp.weight"))
    if is_norm and name.endswith(("weight", "gamma")):
        center = 0.0 if "gemma" in variant["config"]["model_type"] else 1.0
        return describe(name, shape, variant["dtype"], center, 0.25)
    if name.endswith("experts.bias"):
        # llama.cpp has no place for it.
        return {**describe(name, shape, variant["dtype"], 0.0, 0.25), "range": 0}
    if len(shape) < 2:
        return describe(name, shape, variant["dtype"], 0.0, 0.25)
    if "embed" in name or name.endswith(("wte.weight", "wpe.weight")):
        # Small where the table is the head as well: else each token would be followed by itself.
        return describe(name, shape, variant["dtype"], 0.0, 0.2 if is_tied(variant["config"]) else 1.0)
    # Uniform values of this width have the variance 1 / columns; a router's are wider, so that its choice is clear.
    is_router = name.endswith((".gate.weight", ".router.layer.weight"))
    return describe(name, shape, variant["dtype"], 0.0, (6.0 if is_router else 2.0) / shape[-1] ** 0.5)


def prompts_of(variant: dict, model) -> list[dict]:
    vocabulary = min(variant["config"].get("vocab_size") or variant["config"]["text_config"].get("vocab_size", 744), 744) - 32
    prompts = []
    for seed, length in ((1, 9), (2, 40)):
        ids = [int(id) for id in mix(np.arange(length, dtype=np.uint32) + np.uint32(1000 * seed)) % np.uint32(vocabulary)]
        with torch.no_grad():
            if variant["kind"] == "embedding":
                # The first and last ids of a text, which llama.cpp would otherwise add.
                if ends := {"bert": (2, 3), "xlm-roberta": (0, 2)}.get(variant["tokenizer"]):
                    ids = [ends[0], *ids[1:-1], ends[1]]
                hidden = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
                prompts.append({"ids": ids, "mean": floats(hidden.mean(0)), "cls": floats(hidden[0]), "last": floats(hidden[-1])})
                continue
            logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].float()
            greedy, margin, extended = [], float("inf"), list(ids)
            for _ in range(8):
                last = model(input_ids=torch.tensor([extended]), use_cache=False).logits[0, -1].float()
                best = torch.topk(last, 2)
                margin = min(margin, float(best.values[0] - best.values[1]))
                greedy.append(int(best.indices[0]))
                extended.append(greedy[-1])
            prompts.append({"ids": ids, "logits_last": floats(logits), "greedy": greedy, "greedy_min_margin": round(margin, 6)})
    return prompts


def floats(tensor: torch.Tensor) -> str:
    """Seven digits of each value, between spaces: the file stays one line of text for all of them."""
    return " ".join(f"{value:.7g}" for value in tensor.float().tolist())


def fixed_converter() -> None:
    """Mends what release 0.7.0 does wrong: it drops the norms of StableLM's heads, and stops at the masked-token head of ModernBERT."""
    from conversion.bert import ModernBertModel
    from conversion.stablelm import StableLMModel

    modify = StableLMModel.modify_tensors

    def with_norms(self, data, name, bid):
        pieces = modify(self, data, name, bid)
        while True:
            try:
                yield next(pieces)
            except StopIteration as end:
                if end.value is not None:
                    yield from end.value
                return

    StableLMModel.modify_tensors = with_norms
    filter_tensors = ModernBertModel.filter_tensors.__func__
    ModernBertModel.filter_tensors = classmethod(
        lambda cls, item: None if item[0].startswith(("head.", "decoder.")) else filter_tensors(cls, item))


def convert(folder: Path, file: Path, outtype: str, variant: dict) -> gguf.GGUFReader:
    TextModel.get_vocab_base_pre = lambda self, tokenizer: PRE[variant["tokenizer"]]
    if variant.get("converter_reads") == "config.json":
        # The class of transformers with this name has other keys, with defaults that the converter would find first.
        ModelBase.load_hparams = staticmethod(lambda path, *rest, **named: json.loads((Path(path) / "config.json").read_text()))
    else:
        ModelBase.load_hparams = staticmethod(load_hparams)
    sys.argv = ["convert_hf_to_gguf.py", str(folder), "--outfile", str(file), "--outtype", outtype]
    converter.main()
    return gguf.GGUFReader(file)


def metadata_of(reader: gguf.GGUFReader) -> dict:
    metadata = {}
    for key, field in reader.fields.items():
        if key.startswith("GGUF."):
            continue
        kind = [kind.name for kind in field.types]
        if kind[0] == "ARRAY":
            value = field.contents()
            if len(value) > 64:
                value = {"length": len(value), "sha256": hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()}
            metadata[key] = [*kind, value]
        else:
            metadata[key] = [kind[0], field.contents()]
    return metadata


def load_model(name: str, variant: dict, folder: Path, work: Path):
    """The checkpoint in transformers. @throws ValueError where it does not find all tensors."""
    loaded_from = folder
    if "native" in variant:
        loaded_from = work / "native"
        loaded_from.mkdir()
        write_json(loaded_from / "config.json", variant["native"])
        shutil.copy(folder / "model.safetensors", loaded_from)
    model, info = model_class(variant).from_pretrained(
        loaded_from, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    # BERT's pooler is not part of the vectors.
    if any(not key.startswith("pooler.") for key in info["missing_keys"]) or info["mismatched_keys"]:
        raise ValueError(f"{name}: transformers does not find {info}")
    if info["unexpected_keys"]:
        print(name, "unexpected", info["unexpected_keys"])
    return model.eval()


def make(name: str, tokenizers: Path, output: Path, work: Path) -> None:
    variant = VARIANTS[name]
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shapes = published_names(parameters_of(variant, work), variant.get("names"), variant["config"])
    stored = [described(key, shape, variant) for key, shape in sorted(shapes.items())]
    folder = work / name
    shutil.copytree(tokenizers / variant["tokenizer"], folder)
    write_json(folder / "config.json", variant["config"])
    pooling = variant.get("pooling")
    if pooling:
        write_json(folder / "modules.json", [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ])
        (folder / "1_Pooling").mkdir()
        write_json(folder / "1_Pooling/config.json", {
            "word_embedding_dimension": 64,
            **{f"pooling_mode_{kind}": kind.startswith(pooling) for kind in ("cls_token", "mean_tokens", "max_tokens", "lasttoken")},
        })
    save_file({tensor["name"]: values(tensor) for tensor in stored}, folder / "model.safetensors", metadata={"format": "pt"})

    model = NomicMoe(variant["config"], folder) if variant.get("own") else load_model(name, variant, folder, work)
    prompts = prompts_of(variant, model)

    readers = {outtype: convert(folder, work / f"{outtype}.gguf", outtype, variant) for outtype in OUTTYPES}
    tensors = []
    for tensor in readers["f32"].tensors:
        row = {"name": tensor.name, "shape": [int(size) for size in tensor.shape]}
        for outtype in OUTTYPES:
            other = next(candidate for candidate in readers[outtype].tensors if candidate.name == tensor.name)
            row[outtype] = f"{other.tensor_type.name} {hashlib.sha256(other.data.tobytes()).hexdigest()[:16]}"
        tensors.append(row if row["f16"] != row["f32"] else {key: row[key] for key in ("name", "shape", "f32")})

    result = {
        "about": "Written by test/support/reference/make_references.py. Hashes are the first 16 digits of a tensor's sha256.",
        "kind": variant["kind"], "tokenizer": variant["tokenizer"], "pooling": pooling, "config": variant["config"],
        "stored": stored, "metadata": metadata_of(readers["f32"]),
        "tensors": tensors, "prompts": prompts,
    }
    output.mkdir(parents=True, exist_ok=True)
    if keep := os.environ.get("KEEP_GGUF"):
        shutil.copy(work / "f32.gguf", Path(keep) / f"{name}.gguf")
    (output / f"{name}.json").write_text(in_lines(result), encoding="utf-8")


def in_lines(result: dict) -> str:
    """JSON with one line per tensor, entry and prompt."""
    parts = []
    for key, value in result.items():
        if isinstance(value, list) and value:
            parts.append(f'"{key}": [\n' + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in value) + "\n]")
        elif isinstance(value, dict):
            parts.append(f'"{key}": {{\n' + ",\n".join(f"  {json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}" for name, row in value.items()) + "\n}")
        else:
            parts.append(f'"{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    logging.disable(logging.INFO)
    torch.set_num_threads(1)
    fixed_converter()
    tokenizers, output, work = (Path(argument) for argument in sys.argv[1:4])
    for wanted in sys.argv[4:] or list(VARIANTS):
        try:
            make(wanted, tokenizers, output, work / "one")
            print("made", wanted, flush=True)
        except Exception as error:  # the others are made all the same
            import traceback
            traceback.print_exc()
            print("FAILED", wanted, repr(error)[:300], flush=True)
