#!/usr/bin/env python3
"""Writes test/fixtures/conversion/model-cards.json: model cards in the forms that are published, and the general.* metadata that the reference
converter makes of each.

    make_cards.py OUTPUT

Needs the Python package gguf of llama.cpp's release 0.7.0, whose Metadata is what convert_hf_to_gguf.py reads cards with, and PyYAML.
"""
import json
import logging
import sys
import tempfile
from pathlib import Path

import gguf

PARAMETERS = 1_200_000_000

CARDS = {
    "Plain-1B": {"card": "---\nlicense: apache-2.0\nlanguage:\n- en\npipeline_tag: text-generation\n---\n# Plain\n"},
    "lists": {"card": """---
license:
- mit
- apache-2.0
language: [en, de, 'fr']
tags: [chat, "two words", merge]
pipeline_tag: text-generation
datasets:
- org/First-Set
- second-set
- https://huggingface.co/datasets/org/third
- https://huggingface.co/org/fourth-v2
---
"""},
    "Addresses-7B-v1": {"card": """---
base_model: https://huggingface.co/org/Base-1B-Instruct-v0.2
license: other
license_name: own-license
license_link: https://example.org/LICENSE
---
"""},
    "merged": {"card": """---
base_model:
- org/First-1B-v2
- https://example.org/models/second
- third
- https://huggingface.co/org/fourth/
- ./local-1B
- a name with spaces
tags:
- mergekit
- merge
---
"""},
    "Described": {"card": """---
model_name: A Name of its Own
model_creator: Someone
model_version: v2.1
model_type: llama
description: >
  The first line
  goes on here.

  A second paragraph.
author: The Author
url: https://example.org/model
doi: 10.1000/182
---
"""},
    "named-by-llama": {"card": """---
name: 'It''s named'
version: "1.0"
organization: An Organization
finetune: chat
basename: Base
size_label: 3B
description: |
  Lines
    stay
  lines.
uuid: 0b1c
repo_url: https://example.org/repository.git
---
"""},
    "objects": {"card": """---
base_model:
- name: Base One
  organization: Org
  version: v1
  repo_url: https://example.org/base
- name: Base Two
  author: Someone
  description: "With: a colon"
datasets:
- name: Data
  url: https://example.org/data
  doi: 10.1/x
---
"""},
    "Results-1.5B-Instruct": {"card": """---
library_name: transformers
license: cc-by-nc-4.0 # a comment
tags:
  - text-generation-inference
  - "q: quoted"   # another
model-index:
- name: Results
  results:
  - task:
      type: text-generation
      name: Text Generation
    dataset:
      name: A benchmark
      type: bench/mark
      args:
        num_few_shot: 25
    metrics:
    - type: acc_norm
      value: 61.2
      name: normalized accuracy
widget:
- messages:
  - role: user
    content: "What is it? # no comment"
- text: 'My name is: '
extra_gated_prompt: >-
  ### LICENSE

  license: not this one
  tags:
  - nor these
extra_gated_fields:
  First Name: text
  I agree to the terms: checkbox
extra_gated_button_content: Submit
inference:
  parameters:
    temperature: 0.7
base_model: org/Results-1.5B
---
"""},
    "continued": {"card": """---
description: A plain text that
  goes on in deeper lines
  and ends here
license_link: "https://example.org/\\
  LICENSE"
author: "Two
  lines"
tags: [one,
  two,   # with a comment
  'three, four']
language:
    - en
    - zh
---
"""},
    "windows": {"card": "---\r\nlicense: mit\r\ntags:\r\n- a\r\n- b\r\nbase_model: org/base\r\n---\r\n# Text\r\n"},
    "tabs": {"card": "---\nlicense:\tmit\ntags:\n-\ta\n---\n"},
    "empty-keys": {"card": "---\nlicense:\nbase_model:\ndatasets: []\ntags:\nlanguage: ~\nauthor: null\n---\n"},
    "no-front-matter": {"card": "# A card\nlicense: no\n"},
    "no-end": {"card": "---\nlicense: mit\ntags:\n- a\n"},
    "norway": {"card": "---\nlanguage:\n- no\n- en\n---\n"},
    "many-languages": {"card": "---\nlanguage:\n" + "".join(f"- l{index}\n" for index in range(130)) + "---\n"},
    "several-keys": {"card": "---\nbase_models: [org/a-1B, org/b-1B]\ndataset: x/y\nlanguages: en\nlanguage: de\n---\n"},
    "other-keys": {"card": "---\nbase_model_sources: org/c\ndataset_sources:\n- org/d-v3\nlicense: Apache-2.0\n---\n"},
    "flow-objects": {"card": "---\nbase_model: [{name: Base, repo_url: 'https://example.org/b'}, org/e]\ndatasets: {name: x}\n---\n"},
    "anchors": {"card": "---\ntags: &tags\n- a\n- b\nlicense: !!str mit\nauthor: &who Someone\n---\n"},
    "quotes": {"card": "---\nauthor: \"\\u00c9mile \\\"E\\\"\\tB\"\n'license': 'mit'\n\"tags\": ['a''b', \"c\\\\d\"]\ndescription: it's 'quoted' inside\n---\n"},
    "block-ends": {"card": "---\ndescription: |+\n  kept\n\nauthor: |-\n  stripped\n\nlicense: >\n  mit\n---\n"},
    "unicode": {"card": "---\nauthor: 通义千问\ntags:\n- 中文\n- émile\nlicense: other\nlicense_name: qwen\n---\n"},
    "generation": {
        "generation": {
            "do_sample": True, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.1,
            "xtc_probability": 0.5, "xtc_threshold": 0.1, "penalty_last_n": 64, "mirostat": 2, "mirostat_tau": 5.0,
            "mirostat_eta": 0.1, "sequence": "penalties;top_k;temperature",
        },
    },
    "my-finetune": {"config": {"_name_or_path": "mistralai/Mistral-1B-Instruct-v0.3"}},
    "path-1B": {"config": {"_name_or_path": "/home/someone/checkpoints/run-7"}},
    "bare-name": {"config": {"_name_or_path": "gpt2-xl"}},
    "Empty-1B-chat": {"config": {"_name_or_path": ""}},
    "relative": {"config": {"_name_or_path": "./out-1B"}, "card": "---\nmodel_name: From the card\n---\n"},
}


def general(name, entry, folder):
    path = folder / name
    path.mkdir()
    if "card" in entry:
        (path / "README.md").write_bytes(entry["card"].encode())
    (path / "config.json").write_text(json.dumps(entry.get("config", {})))
    if "generation" in entry:
        (path / "generation_config.json").write_text(json.dumps(entry["generation"]))
    metadata = gguf.Metadata.load(None, path, None, PARAMETERS)
    if metadata.name is None:
        metadata.name = path.name
    if metadata.size_label is None:
        metadata.size_label = gguf.size_label(PARAMETERS, PARAMETERS, 0, 0)
    writer = gguf.GGUFWriter(None, "llama")
    writer.add_type(gguf.GGUFType.MODEL)
    metadata.set_gguf_meta_model(writer)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    return {key: [value.type.name, value.value] for key, value in writer.kv_data[0].items() if key.startswith("general.")}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for name, entry in CARDS.items():
            found = general(name, entry, Path(folder))
            made.append({"name": name, **entry, "general": found})
    lines = ",\n".join(" " + json.dumps(one, ensure_ascii=False) for one in made)
    Path(sys.argv[1]).write_text(f'{{"parameterCount": {PARAMETERS}, "cards": [\n{lines}\n]}}\n')
