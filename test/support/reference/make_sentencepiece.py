#!/usr/bin/env python3
"""Writes test/fixtures/conversion/sentencepiece-alone: a SentencePiece model as XLM-RoBERTa's, and the vocabulary that the reference converter
makes of it without a tokenizer.json.

    make_sentencepiece.py CHECKPOINT TEXT OUTPUT

CHECKPOINT is a small XLM-RoBERTa with a vocabulary of 502 (its tokenizer files are not used), TEXT a file to train on. Needs what
make_references.py needs, and the Python package sentencepiece.
"""
import importlib.util
import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, "/usr/share/llama.cpp/llama.cpp-tools")
import gguf
import sentencepiece
from safetensors.torch import load_file, save_file

spec = importlib.util.spec_from_file_location("converter", "/usr/share/doc/llama.cpp-tools/scripts/convert_hf_to_gguf.py")
converter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(converter)
logging.disable(logging.WARNING)

checkpoint, text, output = map(Path, sys.argv[1:])
output.mkdir(exist_ok=True)
sentencepiece.SentencePieceTrainer.train(
    input=str(text), model_prefix=str(output / "sentencepiece.bpe"), model_type="unigram", vocab_size=500,
    normalization_rule_name="identity", user_defined_symbols=["<sep>"], minloglevel=2)
(output / "sentencepiece.bpe.vocab").unlink()
with tempfile.TemporaryDirectory() as folder:
    work = Path(folder) / "model"
    work.mkdir()
    config = json.loads((checkpoint / "config.json").read_text())
    (work / "config.json").write_text(json.dumps({**config, "architectures": ["XLMRobertaModel"]}))
    weights = load_file(checkpoint / "model.safetensors")
    body = {name.removeprefix("roberta."): weight for name, weight in weights.items() if not name.startswith("lm_head.")}
    save_file(body, work / "model.safetensors")
    shutil.copy(output / "sentencepiece.bpe.model", work)
    config = {"tokenizer_class": "XLMRobertaTokenizer", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "mask_token": "<mask>",
              "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>"}
    (work / "tokenizer_config.json").write_text(json.dumps(config))
    sys.argv = ["x", str(work), "--outfile", str(Path(folder) / "x.gguf"), "--outtype", "f16"]
    converter.main()
    fields = gguf.GGUFReader(Path(folder) / "x.gguf").fields
    metadata = {key: field.contents() for key, field in fields.items() if key.startswith("tokenizer.")}
    expected = {"config": json.loads((work / "config.json").read_text()), "tokenizer_config": config, "metadata": metadata}
(output / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
