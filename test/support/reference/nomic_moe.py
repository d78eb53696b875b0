"""Nomic Embed v2, which transformers has no class of: a BERT with rotary positions whose every n-th layer has experts.

Written from what the published model computes: norms follow the sums, the router's softmax goes over all experts, the weights of the chosen
ones are not divided by their sum, and one bias follows the sum of the experts.
"""

from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import load_file
from torch.nn import functional as F


def is_expert_layer(config: dict, layer: int) -> bool:
    return layer % config["moe_every_n_layers"] == 1


def shapes_of(config: dict) -> dict[str, list[int]]:
    """Names and shapes of the published checkpoint's tensors."""
    hidden, inner, experts = config["n_embd"], config["n_inner"], config["num_experts"]
    shapes = {
        "embeddings.word_embeddings.weight": [config["vocab_size"], hidden],
        "embeddings.token_type_embeddings.weight": [config["type_vocab_size"], hidden],
        "emb_ln.weight": [hidden],
        "emb_ln.bias": [hidden],
    }
    for layer in range(config["n_layer"]):
        before = f"encoder.layers.{layer}."
        parts = {
            "attn.Wqkv.weight": [3 * hidden, hidden], "attn.Wqkv.bias": [3 * hidden],
            "attn.out_proj.weight": [hidden, hidden], "attn.out_proj.bias": [hidden],
            "norm1.weight": [hidden], "norm1.bias": [hidden], "norm2.weight": [hidden], "norm2.bias": [hidden],
        }
        if is_expert_layer(config, layer):
            parts |= {
                "mlp.router.layer.weight": [experts, hidden], "mlp.experts.bias": [hidden],
                "mlp.experts.mlp.w1": [experts * inner, hidden], "mlp.experts.mlp.w2": [experts * inner, hidden],
            }
        else:
            parts |= {
                "mlp.fc1.weight": [inner, hidden], "mlp.fc1.bias": [inner],
                "mlp.fc2.weight": [hidden, inner], "mlp.fc2.bias": [hidden],
            }
        shapes |= {before + name: shape for name, shape in parts.items()}
    return shapes


class NomicMoe:
    """The body, called as a model of transformers is."""

    def __init__(self, config: dict, folder: Path):
        self.config = config
        self.weights = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}

    def norm(self, name: str, states: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(states, states.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"],
                            self.config["layer_norm_epsilon"])

    def linear(self, name: str, states: torch.Tensor) -> torch.Tensor:
        return F.linear(states, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def rotated(self, heads: torch.Tensor) -> torch.Tensor:
        """Heads of queries or keys, [head, token, size], with their halves rotated."""
        size = heads.shape[-1]
        frequencies = self.config["rotary_emb_base"] ** -(torch.arange(0, size, 2) / size)
        angles = torch.outer(torch.arange(heads.shape[1]).float(), frequencies)
        first, second = heads.chunk(2, -1)
        return torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)

    def attention(self, name: str, states: torch.Tensor) -> torch.Tensor:
        count, hidden = states.shape
        qkv = self.linear(f"{name}.Wqkv", states).view(count, 3, self.config["n_head"], -1).permute(1, 2, 0, 3)
        queries, keys, values = self.rotated(qkv[0]), self.rotated(qkv[1]), qkv[2]
        scores = (queries @ keys.transpose(1, 2)) / queries.shape[-1] ** 0.5
        return self.linear(f"{name}.out_proj", (scores.softmax(-1) @ values).transpose(0, 1).reshape(count, hidden))

    def experts(self, name: str, states: torch.Tensor) -> torch.Tensor:
        config = self.config
        shape = (config["num_experts"], config["n_inner"], config["n_embd"])
        up, down = (self.weights[f"{name}.experts.mlp.{part}"].view(shape) for part in ("w1", "w2"))
        chosen = self.linear(f"{name}.router.layer", states).softmax(-1).topk(config["moe_top_k"], -1)
        rows = [
            sum(weight * (F.gelu(up[expert] @ state) @ down[expert]) for weight, expert in zip(weights, indices))
            for state, weights, indices in zip(states, chosen.values, chosen.indices.tolist())
        ]
        return torch.stack(rows) + self.weights[f"{name}.experts.bias"]

    def feed_forward(self, layer: int, states: torch.Tensor) -> torch.Tensor:
        name = f"encoder.layers.{layer}.mlp"
        if is_expert_layer(self.config, layer):
            return self.experts(name, states)
        return self.linear(f"{name}.fc2", F.gelu(self.linear(f"{name}.fc1", states)))

    def __call__(self, input_ids: torch.Tensor) -> SimpleNamespace:
        states = self.weights["embeddings.word_embeddings.weight"][input_ids[0]]
        states = self.norm("emb_ln", states + self.weights["embeddings.token_type_embeddings.weight"][0])
        for layer in range(self.config["n_layer"]):
            name = f"encoder.layers.{layer}"
            states = self.norm(f"{name}.norm1", states + self.attention(f"{name}.attn", states))
            states = self.norm(f"{name}.norm2", states + self.feed_forward(layer, states))
        return SimpleNamespace(last_hidden_state=states[None])
