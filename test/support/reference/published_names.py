"""Names of tensors in published checkpoints, where transformers saves others today."""

import re


def published_names(shapes: dict[str, list[int]], layout: str | None, config: dict) -> dict[str, list[int]]:
    del config
    if layout is None:
        return shapes
    if layout == "gemma3-model-first":
        # As transformers 4.52 and later may save it.
        return {re.sub(r"^language_model\.model\.", "model.language_model.", re.sub(r"^(vision_tower|multi_modal)", r"model.\1", name)): shape
                for name, shape in shapes.items()}
    if layout == "bert-gamma-beta":
        # The first checkpoints came from TensorFlow.
        return {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): shape for name, shape in shapes.items()}
    if layout == "body-alone":
        # As AutoModel saves the body of a model with a head.
        return {name.removeprefix("model."): shape for name, shape in shapes.items() if name != "lm_head.weight"}
    if layout == "stored-head":
        # A head beside a config that ties it, with values of its own.
        return {**shapes, "lm_head.weight": shapes["model.embed_tokens.weight"]}
    if layout == "nomic":
        return shapes
    raise ValueError(layout)
