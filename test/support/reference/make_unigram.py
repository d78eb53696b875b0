"""Writes test/fixtures/conversion/tokenizers/xlm-roberta: a small Unigram vocabulary in the layout of XLM-RoBERTa.

    python3 make_unigram.py TEXT OUTPUT

TEXT is any text of some pages. Published vocabularies have a sentencepiece.bpe.model as well, of which the reference converter makes
[PAD250000] of <mask>; without it the converter reads tokenizer.json, as Hearth does.
"""

import base64
import json
import sys
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

text, output = Path(sys.argv[1]), Path(sys.argv[2])
output.mkdir(parents=True, exist_ok=True)
# A few rules in place of the three hundred kilobytes of NFKC: wide letters become narrow, and all kinds of space one.
rules = output / "rules.tsv"
rules.write_text("".join(f"{0xFF21 + i:X}\t{0x41 + i:X}\n{0xFF41 + i:X}\t{0x61 + i:X}\n" for i in range(26)) + "A0\t20\n3000\t20\n9\t20\n")
sentencepiece.SentencePieceTrainer.train(
    input=str(text), model_prefix=str(output / "made"), vocab_size=500, model_type="unigram", normalization_rule_tsv=str(rules),
    bos_id=1, eos_id=2, unk_id=0, hard_vocab_limit=False, character_coverage=1.0, num_threads=1, minloglevel=2)
model = sentencepiece_model_pb2.ModelProto()
model.ParseFromString((output / "made.model").read_bytes())
pieces = [[piece.piece, piece.score] for piece in model.pieces]
vocabulary = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], *pieces[3:], ["<mask>", 0.0]]
special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
ids = [0, 1, 2, 3, len(vocabulary) - 1]
metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
(output / "tokenizer.json").write_text(json.dumps({
    "version": "1.0", "truncation": None, "padding": None,
    "added_tokens": [
        {"id": id, "content": token, "single_word": False, "lstrip": token == "<mask>", "rstrip": False, "normalized": False, "special": True}
        for id, token in zip(ids, special)
    ],
    "normalizer": {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}},
                 {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}},
    },
    "decoder": metaspace,
    "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
}, ensure_ascii=False))
(output / "tokenizer_config.json").write_text(json.dumps({
    "bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False},
    "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>", "model_max_length": 128, "clean_up_tokenization_spaces": True,
    "tokenizer_class": "XLMRobertaTokenizer",
}, indent=1))
(output / "made.model").unlink()
(output / "made.vocab").unlink()
rules.unlink()
print(len(vocabulary), "tokens")
