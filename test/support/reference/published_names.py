"""Names of tensors in published checkpoints, where transformers saves others today."""

import re


def published_names(shapes: dict[str, list[int]], layout: str | None, config: dict) -> dict[str, list[int]]:
    del config
    if layout is None:
        return shapes
    if layout == "gemma3-language-model-prefix":
        # The first checkpoints of Gemma 3 (transformers 4.50) have the wrappers in this order.
        return {re.sub(r"^model\.language_model\.", "language_model.model.", re.sub(r"^model\.(vision_tower|multi_modal)", r"\1", name)): shape
                for name, shape in shapes.items()}
    if layout == "bert-gamma-beta":
        # The first checkpoints came from TensorFlow.
        return {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): shape for name, shape in shapes.items()}
    if layout == "nomic":
        return shapes
    raise ValueError(layout)
