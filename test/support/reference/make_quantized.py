"""Writes small quantized checkpoints and what the libraries that wrote them make of their values:
test/fixtures/conversion/quantized/<name>.safetensors and expected.json.

Run on Debian sid with python3-torch 2.14, python3-safetensors, python3-pydantic and python3-loguru:

    python3 make_quantized.py LIBRARIES OUTPUT

LIBRARIES holds the sources of compressed-tensors 0.18, AutoAWQ 0.2.9 and GPTQModel 7.3.4 in folders of these names. Their own code
packs the values, and unpacks them again for the expected ones, with the scales taken as float32. Of AutoAWQ and GPTQModel only the
modules that pack are loaded: the packages around them need a GPU or further libraries.
"""

import ast
import hashlib
import importlib
import importlib.machinery
import json
import sys
import types
from pathlib import Path
from unittest.mock import MagicMock

import torch
from safetensors.torch import save_file

LIBRARIES, OUTPUT = Path(sys.argv[1]), Path(sys.argv[2])
for folder in ["compressed-tensors/src", "AutoAWQ", "GPTQModel"]:
    sys.path.insert(0, str(LIBRARIES / folder))

from compressed_tensors.compressors.naive_quantized.base import NaiveQuantizationCompressor
from compressed_tensors.compressors.pack_quantized.base import PackedQuantizationCompressor
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
from compressed_tensors.quantization.lifecycle.forward import dequantize

ROWS, COLUMNS = 44, 96
MODULE = "model.layers.0.mlp.up_proj"
expected: dict[str, dict] = {}


def package(name: str, folder: Path) -> None:
    """A package of which only the named modules are loaded."""
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
    sys.modules[name] = module


def save(name: str, config: dict, tensors: dict[str, torch.Tensor], values: dict[str, torch.Tensor]) -> None:
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, OUTPUT / f"{name}.safetensors", {"format": "pt"})
    expected[name] = {
        "config": {"quantization_config": config},
        "dequantized": [
            {
                "name": key,
                "shape": list(value.shape),
                "sha256": hashlib.sha256(value.contiguous().numpy().astype("<f4").tobytes()).hexdigest(),
                "first": value.flatten()[:4].tolist(),
            }
            for key, value in values.items()
        ],
    }


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def compressed_tensors(name: str, seed: int, form: str, rows=ROWS, columns=COLUMNS, scale_dtype=torch.bfloat16, **arguments) -> None:
    make = generator(seed)
    args = QuantizationArgs(**arguments)
    scheme = QuantizationScheme(targets=["Linear"], weights=args)
    weight = torch.randn(rows, columns, generator=make)
    strategy = str(args.strategy)
    shape = {
        "tensor": (1,),
        "channel": (rows, 1),
        "group": (rows, columns // (args.group_size or columns)),
        "block": tuple(-(-length // size) for length, size in zip((rows, columns), args.block_structure or (1, 1))),
    }[strategy]
    scale = ((torch.rand(shape, generator=make) + 0.5) * (0.02 if args.type == "int" else 0.01)).to(scale_dtype)
    state = {"weight": weight, "weight_scale": scale}
    if not args.symmetric:
        low, high = -(2 ** (args.num_bits - 1)), 2 ** (args.num_bits - 1)
        state["weight_zero_point"] = torch.randint(low, high, shape, generator=make, dtype=torch.int8)
    if args.actorder is not None:
        order = torch.randperm(columns, generator=make)
        groups = torch.empty(columns, dtype=torch.int32)
        groups[order] = torch.arange(columns, dtype=torch.int32) // args.group_size
        state["weight_g_idx"] = groups
    compressor = PackedQuantizationCompressor if form == "pack-quantized" else NaiveQuantizationCompressor
    stored = compressor.compress(state, scheme)
    unpacked = compressor.decompress({**stored, "weight_scale": scale.float()}, scheme)["weight"]
    if form != "pack-quantized" and strategy in ("block", "group", "tensor"):
        unpacked = dequantize(stored["weight"], scale.float(), state.get("weight_zero_point"), args)
    group = json.loads(scheme.model_dump_json())
    config = {"quant_method": "compressed-tensors", "format": form, "quantization_status": "compressed", "ignore": ["lm_head"],
              "config_groups": {"group_0": group}}
    tensors = {f"{MODULE}.{key}": value for key, value in stored.items()}
    tensors["lm_head.weight"] = torch.randn(4, columns, generator=make).to(torch.bfloat16)
    save(name, config, tensors, {f"{MODULE}.weight": unpacked.float()})


def awq(name: str, seed: int, group_size: int) -> None:
    package("awq", LIBRARIES / "AutoAWQ/awq")
    for part in ["modules", "modules/linear", "utils"]:
        package(f"awq.{part.replace('/', '.')}", LIBRARIES / "AutoAWQ/awq" / part)
    for part in ["module", "utils"]:
        sys.modules[f"awq.utils.{part}"] = MagicMock(try_import=lambda _: (None, ""), get_best_device=lambda: "cpu")
    linear_of = importlib.import_module("awq.modules.linear.gemm").WQLinear_GEMM
    dequantize_gemm = importlib.import_module("awq.utils.packing_utils").dequantize_gemm

    make = generator(seed)
    rows, columns = 64, COLUMNS
    groups = columns // (group_size if group_size > 0 else columns)
    linear = torch.nn.Linear(columns, rows, bias=True)
    scales = (torch.rand(groups, rows, generator=make) + 0.5) * 0.02
    zeros = torch.randint(0, 16, (groups, rows), generator=make)
    codes = torch.randint(0, 16, (rows, columns), generator=make)
    wide = codes.shape[1] // groups
    linear.weight.data = (codes - zeros.repeat_interleave(wide, 0).T) * scales.half().float().repeat_interleave(wide, 0).T
    linear.bias.data = torch.randn(rows, generator=make)
    packed = linear_of.from_linear(linear, 4, group_size if group_size > 0 else columns, scales=scales.half().float(), zeros=zeros)
    values = dequantize_gemm(packed.qweight, packed.qzeros, packed.scales.float(), 4, packed.group_size).T
    assert torch.equal(values, linear.weight.data)
    config = {"quant_method": "awq", "bits": 4, "group_size": group_size, "zero_point": True, "version": "gemm",
              "modules_to_not_convert": None}
    tensors = {f"{MODULE}.{key}": value for key, value in packed.state_dict().items()}
    save(name, config, tensors, {f"{MODULE}.weight": values})


def function_of(path: Path, name: str, names: dict):
    """One function of a file whose imports cannot be had."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name)
    exec(compile(ast.Module([node], []), str(path), "exec"), names)
    return names[name]


def gptq(name: str, seed: int, bits: int, group_size: int, desc_act: bool, form: str, sym=False, rows=64, columns=COLUMNS) -> None:
    source = LIBRARIES / "GPTQModel/gptqmodel"
    for part in ["", "nn_modules", "utils", "models", "adapter"]:
        package(".".join(["gptqmodel", *filter(None, [part])]), source / part)
    for part in ["adapter.adapter", "models._const", "quantization", "utils.backend", "utils.env", "utils.logger", "utils.safe"]:
        sys.modules[f"gptqmodel.{part}"] = MagicMock()
    quant_linear = importlib.import_module("gptqmodel.nn_modules.qlinear").PackableQuantLinear
    planar = importlib.import_module("gptqmodel.utils.planar_packing")
    dequant = source / "utils/model_dequant.py"
    names = {"torch": torch, **vars(planar), **vars(__import__("typing"))}
    for helper in ["unpack_cols", "pack_cols", "_require_int32_words_for_3bit", "_unpack_cols_3bit", "_pack_cols_3bit", "_shift_gptq_qzeros",
                   "_revert_gptq_v1_qzeros_correction"]:
        function_of(dequant, helper, names)
    names |= {"BaseQuantLinear": object, "QuantizeConfig": object, "log": MagicMock()}
    to_v1 = function_of(source / "utils/model.py", "convert_gptq_v2_to_v1_format_module", names)

    class Linear(quant_linear):
        def __init__(self):
            torch.nn.Module.__init__(self)
            self.bits, self.maxq, self.planar = bits, 2**bits - 1, False
            self.pack_dtype, self.pack_dtype_bits, self.pack_factor = torch.int32, 32, 32 // bits
            self.pack_np_math_dtype, self.pack_np_dtype = "uint32", "int32"
            self.enable_wf_unsqueeze, self.dequant_dtype = True, torch.int16 if bits == 8 else torch.int8
            self.qzero_format = lambda format: None

    make = generator(seed)
    groups = 1 if group_size == -1 else -(-columns // group_size)
    scales = ((torch.rand(rows, groups, generator=make) + 0.5) * 0.02).half().float()
    middle = torch.full((rows, groups), 2 ** (bits - 1))
    zeros = middle if sym else torch.randint(0, 2**bits, (rows, groups), generator=make)
    g_idx = torch.arange(columns, dtype=torch.int32) // (columns if group_size == -1 else group_size)
    if desc_act:
        g_idx = g_idx[torch.randperm(columns, generator=make)]
    codes = torch.randint(0, 2**bits, (rows, columns), generator=make)
    plain = torch.nn.Linear(columns, rows, bias=False)
    plain.weight.data = (codes - zeros[:, g_idx.long()]) * scales[:, g_idx.long()]
    packed = Linear()
    packed.pack_original(plain, scales, zeros.float(), g_idx)
    packed.scales = packed.scales.float()
    values = packed.dequantize_weight().T
    assert torch.equal(values, plain.weight.data)
    packed.scales = packed.scales.half()
    if form == "gptq":
        to_v1(packed, MagicMock(bits=bits, pack_dtype=torch.int32))
    config = {"quant_method": "gptq", "bits": bits, "group_size": group_size, "desc_act": desc_act, "sym": sym, "lm_head": False,
              "checkpoint_format": form, "pack_dtype": "int32"}
    keys = ["qweight", "qzeros", "scales", "g_idx"]
    save(name, config, {f"{MODULE}.{key}": getattr(packed, key) for key in keys}, {f"{MODULE}.weight": values})


def float8(name: str, seed: int, config: dict, dtype: torch.dtype, scale: torch.Tensor, suffix: str, rows=ROWS, columns=COLUMNS) -> None:
    weight = torch.randn(rows, columns, generator=generator(seed)).to(dtype)
    height, width = config.get("weight_block_size") or (rows, columns)
    factors = scale.float()
    if "weight_block_size" in config:
        factors = factors.repeat_interleave(height, 0)[:rows].repeat_interleave(width, 1)[:, :columns]
    save(name, config, {f"{MODULE}.weight": weight, f"{MODULE}.{suffix}": scale, f"{MODULE}.input_scale": torch.tensor(1.0)},
         {f"{MODULE}.weight": weight.float() * factors})


compressed_tensors("ct-int8-channel", 1, "int-quantized", num_bits=8, strategy="channel")
compressed_tensors("ct-int8-channel-zeros", 2, "int-quantized", num_bits=8, strategy="channel", symmetric=False)
compressed_tensors("ct-int8-tensor", 3, "int-quantized", num_bits=8, strategy="tensor", scale_dtype=torch.float32)
compressed_tensors("ct-int8-group", 4, "naive-quantized", num_bits=8, strategy="group", group_size=32)
compressed_tensors("ct-float8-channel", 5, "float-quantized", num_bits=8, type="float", strategy="channel")
compressed_tensors("ct-float8-tensor", 6, "float-quantized", num_bits=8, type="float", strategy="tensor", scale_dtype=torch.float16)
compressed_tensors("ct-float8-block", 7, "float-quantized", rows=48, num_bits=8, type="float", strategy="block", block_structure=[16, 32])
compressed_tensors("ct-int4-group", 8, "pack-quantized", num_bits=4, strategy="group", group_size=32)
compressed_tensors("ct-int4-group-zeros", 9, "pack-quantized", num_bits=4, strategy="group", group_size=24, symmetric=False)
compressed_tensors("ct-int4-channel-zeros", 10, "pack-quantized", num_bits=4, strategy="channel", symmetric=False)
compressed_tensors("ct-int4-order", 11, "pack-quantized", num_bits=4, strategy="group", group_size=32, actorder="group")
compressed_tensors("ct-int8-packed", 12, "pack-quantized", num_bits=8, strategy="channel")
compressed_tensors("ct-int3-group-zeros", 13, "pack-quantized", num_bits=3, strategy="group", group_size=32, symmetric=False)
awq("awq-group", 20, 32)
awq("awq-rows", 21, -1)
gptq("gptq-4-order", 30, 4, 32, True, "gptq")
gptq("gptq-8-sym", 31, 8, 32, False, "gptq", sym=True)
gptq("gptq-8-order-v2", 32, 8, 32, True, "gptq_v2")
gptq("gptq-2-rows", 33, 2, -1, False, "gptq")
gptq("gptq-3-order", 34, 3, 32, True, "gptq")
gptq("gptq-4-v2", 35, 4, 32, False, "gptq_v2")
fp8 = {"quant_method": "fp8", "activation_scheme": "static"}
float8("fp8-tensor", 40, fp8, torch.float8_e4m3fn, torch.tensor(0.0123), "weight_scale")
float8("fp8-rows", 41, {"quant_method": "fbgemm_fp8"}, torch.float8_e4m3fn, torch.rand(ROWS, 1, generator=generator(42)), "weight_scale")
float8("fp8-e5m2-block", 43, {**fp8, "fmt": "e5m2", "weight_block_size": [32, 64]}, torch.float8_e5m2,
       torch.rand(2, 2, generator=generator(44)), "weight_scale_inv")
float8("fp8-block-e8m0", 45, {**fp8, "scale_fmt": "ue8m0", "weight_block_size": [32, 64]}, torch.float8_e4m3fn,
       torch.tensor([[0.5, 0.25], [2.0, 0.03125]]).to(torch.float8_e8m0fnu), "weight_scale_inv")

make = generator(46)
experts = torch.randn(3, 40, 64, generator=make).to(torch.float8_e4m3fn)
blocks, singles = torch.rand(3, 2, 2, generator=make), torch.rand(3, generator=make)
EXPERTS = "model.layers.0.mlp.experts"
save("fp8-experts", {**fp8, "weight_block_size": [32, 32]},
     {f"{EXPERTS}.gate_up_proj": experts, f"{EXPERTS}.gate_up_proj_scale_inv": blocks},
     {f"{EXPERTS}.gate_up_proj": experts.float() * blocks.repeat_interleave(32, 1)[:, :40].repeat_interleave(32, 2)})
save("fp8-experts-one-scale", fp8, {f"{EXPERTS}.down_proj": experts, f"{EXPERTS}.down_proj_scale": singles},
     {f"{EXPERTS}.down_proj": experts.float() * singles[:, None, None]})

codes = torch.arange(256, dtype=torch.uint8)
types_of = {"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "F8_E8M0": torch.float8_e8m0fnu}
expected["float8"] = {
    name: [value if value == value and abs(value) != float("inf") else str(value) for value in codes.view(dtype).float().tolist()]
    for name, dtype in types_of.items()
}
(OUTPUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
print(len(expected) - 1, "checkpoints")
