"""The checkpoints that references are made of: config.json as published models of the family have it, in small."""

BASE = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_hidden_layers": 2,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "initializer_range": 0.02,
    "use_cache": True,
}


def without(config: dict, *keys: str) -> dict:
    return {key: value for key, value in config.items() if key not in keys}


VARIANTS: dict[str, dict] = {}


def variant(name: str, tokenizer: str, config: dict, **rest) -> None:
    VARIANTS[name] = {"tokenizer": tokenizer, "config": config, "dtype": "BF16", "kind": "causal", **rest}


MOE = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "decoder_sparse_step": 1}
variant("qwen2-moe", "qwen2", {
    **BASE, **MOE, "architectures": ["Qwen2MoeForCausalLM"], "model_type": "qwen2_moe", "vocab_size": 704,
    "shared_expert_intermediate_size": 64, "norm_topk_prob": False, "max_window_layers": 2, "use_sliding_window": False,
    "sliding_window": 32768, "bos_token_id": 680, "eos_token_id": 682, "torch_dtype": "bfloat16",
})
variant("qwen3-moe", "qwen3", {
    **BASE, **MOE, "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "vocab_size": 704, "head_dim": 32,
    "norm_topk_prob": True, "attention_bias": False, "rope_theta": 1000000.0, "use_sliding_window": False,
    "sliding_window": None, "max_window_layers": 2, "mlp_only_layers": [], "torch_dtype": "bfloat16",
})
GEMMA = {
    **without(BASE, "tie_word_embeddings"), "vocab_size": 744, "head_dim": 32, "hidden_act": "gelu_pytorch_tanh",
    "hidden_activation": "gelu_pytorch_tanh", "bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0, "attention_bias": False,
    "torch_dtype": "bfloat16",
}
variant("gemma", "gemma", {
    **GEMMA, "architectures": ["GemmaForCausalLM"], "model_type": "gemma", "num_key_value_heads": 1,
})
GEMMA3 = {
    **without(GEMMA, "hidden_act"), "num_hidden_layers": 7, "query_pre_attn_scalar": 32, "rope_theta": 1000000,
    "rope_local_base_freq": 10000, "sliding_window": 8, "sliding_window_pattern": 6, "attn_logit_softcapping": None,
    "final_logit_softcapping": None, "rope_scaling": None,
}
variant("gemma3-text", "gemma", {
    **GEMMA3, "architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text", "cache_implementation": "hybrid",
})
VISION = {
    "hidden_size": 32, "image_size": 28, "intermediate_size": 32, "model_type": "siglip_vision_model",
    "num_attention_heads": 2, "num_hidden_layers": 1, "patch_size": 14, "vision_use_head": False,
}
variant("gemma3-multimodal", "gemma", {
    "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "boi_token_index": 700, "eoi_token_index": 701,
    "image_token_index": 702, "eos_token_id": [1, 106], "mm_tokens_per_image": 1, "initializer_range": 0.02,
    "torch_dtype": "bfloat16", "transformers_version": "4.50.0.dev0", "vision_config": VISION,
    "text_config": {**without(GEMMA3, "torch_dtype"), "model_type": "gemma3_text", "rope_scaling": {"factor": 8.0, "rope_type": "linear"}},
}, names="gemma3-model-first")
# As the config of the 4B model: what it leaves out has the defaults of transformers, and the table is padded.
variant("gemma3-sparse-config", "gemma", {
    "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "boi_token_index": 700, "eoi_token_index": 701,
    "image_token_index": 702, "eos_token_id": [1, 106], "mm_tokens_per_image": 1, "initializer_range": 0.02,
    "torch_dtype": "bfloat16", "transformers_version": "4.50.0.dev0", "vision_config": VISION,
    "text_config": {
        "hidden_size": 64, "intermediate_size": 96, "model_type": "gemma3_text", "num_hidden_layers": 2,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024, "vocab_size": 752,
    },
})
variant("smollm3", "llama", {
    **BASE, "architectures": ["SmolLM3ForCausalLM"], "model_type": "smollm3", "vocab_size": 768, "num_hidden_layers": 5,
    "no_rope_layer_interval": 4, "no_rope_layers": [1, 1, 1, 0, 1], "rope_theta": 5000000.0, "rope_scaling": None,
    "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False, "max_window_layers": 5, "sliding_window": None,
    "use_sliding_window": False, "layer_types": ["full_attention"] * 5, "bos_token_id": 756, "eos_token_id": 765,
    "pad_token_id": 760, "pretraining_tp": 2, "torch_dtype": "bfloat16",
})
variant("olmo2", "llama", {
    **BASE, "architectures": ["Olmo2ForCausalLM"], "model_type": "olmo2", "vocab_size": 768, "attention_bias": False,
    "rope_scaling": None, "rope_theta": 500000, "eos_token_id": 765, "pad_token_id": 760, "torch_dtype": "float32",
}, dtype="F32")
variant("olmo3", "llama", {
    **BASE, "architectures": ["Olmo3ForCausalLM"], "model_type": "olmo3", "vocab_size": 768, "attention_bias": False,
    "num_hidden_layers": 5, "layer_types": ["sliding_attention"] * 3 + ["full_attention", "sliding_attention"],
    "rope_scaling": None, "rope_theta": 500000, "eos_token_id": 765, "pad_token_id": 760, "sliding_window": 8, "torch_dtype": "bfloat16",
})
variant("granite", "gpt2", {
    **BASE, "architectures": ["GraniteForCausalLM"], "model_type": "granite", "vocab_size": 640, "attention_bias": False,
    "attention_multiplier": 0.078125, "embedding_multiplier": 12.0, "logits_scaling": 8.0, "residual_multiplier": 0.22,
    "mlp_bias": False, "rope_scaling": None, "rope_theta": 10000000.0, "tie_word_embeddings": True, "bos_token_id": 639,
    "eos_token_id": 639, "pad_token_id": 639, "torch_dtype": "bfloat16",
})
STABLELM = {
    **without(BASE, "rms_norm_eps"), "architectures": ["StableLmForCausalLM"], "model_type": "stablelm",
    "layer_norm_eps": 1e-05, "partial_rotary_factor": 0.25, "rope_scaling": None, "hidden_dropout": 0.0, "attention_dropout": 0.0,
}
variant("stablelm-biases", "qwen2", {
    **STABLELM, "vocab_size": 704, "use_qkv_bias": True, "num_key_value_heads": 4, "use_parallel_residual": False,
    "qk_layernorm": False, "bos_token_id": 680, "eos_token_id": 682, "torch_dtype": "float16",
}, dtype="F16")
variant("stablelm-parallel-qk-norm", "qwen2", {
    **STABLELM, "vocab_size": 704, "use_qkv_bias": False, "use_parallel_residual": True, "qk_layernorm": True,
    "bos_token_id": 680, "eos_token_id": 682, "torch_dtype": "bfloat16",
})
variant("starcoder2", "gpt2", {
    **without(BASE, "rms_norm_eps", "hidden_act", "tie_word_embeddings"), "architectures": ["Starcoder2ForCausalLM"], "model_type": "starcoder2",
    "vocab_size": 640, "activation_function": "gelu", "hidden_act": "gelu_pytorch_tanh", "mlp_type": "default",
    "norm_epsilon": 1e-05, "norm_type": "layer_norm", "scale_attention_softmax_in_fp32": True, "sliding_window": 4096,
    "use_bias": True, "rope_theta": 999999.4420358813, "bos_token_id": 639, "eos_token_id": 639, "torch_dtype": "bfloat16",
})
NOMIC = {
    "activation_function": "swiglu", "architectures": ["NomicBertModel"], "model_type": "nomic_bert", "attn_pdrop": 0.0,
    "causal": False, "dense_seq_output": True, "embd_pdrop": 0.0, "initializer_range": 0.02, "layer_norm_epsilon": 1e-12,
    "max_trained_positions": 2048, "mlp_fc1_bias": False, "mlp_fc2_bias": False, "n_embd": 64, "n_head": 4, "n_inner": 96,
    "n_layer": 2, "n_positions": 8192, "parallel_block": False, "parallel_block_tied_norm": False, "prenorm": False,
    "qkv_proj_bias": False, "resid_pdrop": 0.0, "rotary_emb_base": 1000, "rotary_emb_fraction": 1.0,
    "rotary_emb_interleaved": False, "rotary_emb_scale_base": None, "rotary_scaling_factor": None, "scale_attn_weights": True,
    "type_vocab_size": 2, "use_rms_norm": False, "vocab_size": 600, "torch_dtype": "float32",
}
variant("nomic-bert", "bert", NOMIC, dtype="F32", kind="embedding", pooling="mean", converter_reads="config.json", native={
    "architectures": ["NomicBertModel"], "model_type": "nomic_bert", "hidden_size": 64, "intermediate_size": 96,
    "num_attention_heads": 4, "num_hidden_layers": 2, "max_position_embeddings": 2048, "type_vocab_size": 2, "vocab_size": 600,
    "layer_norm_eps": 1e-12, "rope_theta": 1000.0, "hidden_act": "silu",
}, names="nomic")
# As the published model, whose classes are not part of transformers (nomic_moe.py).
variant("nomic-bert-moe", "xlm-roberta", {
    **NOMIC, "activation_function": "gelu", "add_pooling_layer": False, "expert_choice_router": False, "ffn_div": 1, "layer_norm_epsilon": 1e-05,
    "mlp_fc1_bias": True, "mlp_fc2_bias": True, "moe_every_n_layers": 2, "moe_impl": "megablocks", "moe_normalize_expert_weights": False,
    "moe_resid_pdrop": 0.0, "moe_top_k": 2, "n_layer": 4, "n_positions": 2048, "num_experts": 4, "num_shared_experts": 0, "pad_token_id": 1,
    "pad_vocab_to_multiple_of": 64, "qkv_proj_bias": True, "rotary_emb_base": 10000, "router_aux_loss_coef": 0.1,
    "tokenizer_class": "XLMRobertaTokenizer", "type_vocab_size": 1, "use_rms_norm": None, "vocab_size": 512,
}, dtype="F32", kind="embedding", pooling="mean", converter_reads="config.json", own=True)
MODERN = {
    "architectures": ["ModernBertModel"], "model_type": "modernbert", "attention_bias": False, "attention_dropout": 0.0,
    "bos_token_id": 0, "classifier_activation": "gelu", "classifier_bias": False, "classifier_dropout": 0.0, "classifier_pooling": "mean",
    "cls_token_id": 0, "decoder_bias": True, "deterministic_flash_attn": False, "embedding_dropout": 0.0, "eos_token_id": 0,
    "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0, "gradient_checkpointing": False, "hidden_activation": "gelu",
    "hidden_size": 64, "initializer_cutoff_factor": 2.0, "initializer_range": 0.02, "intermediate_size": 96, "layer_norm_eps": 1e-05,
    "local_attention": 8, "local_rope_theta": 10000.0, "max_position_embeddings": 512, "mlp_bias": False, "mlp_dropout": 0.0,
    "norm_bias": False, "norm_eps": 1e-05, "num_attention_heads": 4, "num_hidden_layers": 4, "pad_token_id": 1,
    "position_embedding_type": "absolute", "sep_token_id": 0, "vocab_size": 656, "torch_dtype": "float32",
}
variant("modernbert", "gpt-neox", MODERN, dtype="F32", kind="embedding", pooling="mean")
variant("modernbert-masked-lm", "gpt-neox", {**MODERN, "architectures": ["ModernBertForMaskedLM"]},
        dtype="F32", kind="embedding", pooling=None)

# What the folders of the families with fixtures leave open.

LLAMA = {
    **BASE, "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 768, "attention_bias": False, "mlp_bias": False,
    "bos_token_id": 756, "eos_token_id": 765, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "torch_dtype": "bfloat16",
}
variant("llama-linear-rope-tied", "llama", {**LLAMA, "rope_scaling": {"type": "linear", "factor": 4.0}, "tie_word_embeddings": True})
variant("llama-yarn-rope", "llama", {
    **LLAMA, "max_position_embeddings": 1024,
    "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 256, "beta_fast": 32.0, "beta_slow": 1.0},
})
variant("llama-3.2-tied", "llama", {
    **LLAMA, "head_dim": 32, "tie_word_embeddings": True, "rope_theta": 500000.0, "max_position_embeddings": 4096,
    "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 128, "rope_type": "llama3"},
})
variant("llama-biases-new-config", "llama", {
    **without(LLAMA, "rope_theta", "torch_dtype"), "attention_bias": True, "mlp_bias": True, "dtype": "bfloat16",
    "rope_parameters": {"rope_theta": 20000.0, "rope_type": "default"},
})
variant("mistral-nemo", "mistral", {
    **BASE, "architectures": ["MistralForCausalLM"], "model_type": "mistral", "vocab_size": 672, "head_dim": 32, "sliding_window": None,
    "bos_token_id": 1, "eos_token_id": 2, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "torch_dtype": "bfloat16",
})
variant("mixtral", "mistral", {
    **BASE, "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "vocab_size": 672, "num_local_experts": 4, "num_experts_per_tok": 2,
    "output_router_logits": False, "router_aux_loss_coef": 0.02, "sliding_window": None, "bos_token_id": 1, "eos_token_id": 2,
    "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "torch_dtype": "float16",
}, dtype="F16")
variant("gemma2", "gemma", {
    **GEMMA, "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "num_hidden_layers": 3, "attn_logit_softcapping": 50.0,
    "final_logit_softcapping": 30.0, "query_pre_attn_scalar": 32, "sliding_window": 8, "cache_implementation": "hybrid",
})
variant("qwen2-sliding-window", "qwen2", {
    **BASE, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 704, "use_sliding_window": True,
    "sliding_window": 256, "max_window_layers": 1, "bos_token_id": 680, "eos_token_id": 682, "torch_dtype": "bfloat16",
})
variant("qwen2-embedding", "qwen2", {
    **BASE, "architectures": ["Qwen2Model"], "model_type": "qwen2", "vocab_size": 704, "use_sliding_window": False,
    "sliding_window": 512, "max_window_layers": 2, "bos_token_id": 680, "eos_token_id": 680, "torch_dtype": "float32",
}, dtype="F32", kind="embedding", pooling="last")
variant("qwen3-yarn", "qwen3", {
    **BASE, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "vocab_size": 704, "head_dim": 32, "attention_bias": False,
    "max_position_embeddings": 2048, "max_window_layers": 2, "sliding_window": None, "use_sliding_window": False, "rope_theta": 1000000,
    "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 512},
    "bos_token_id": 680, "eos_token_id": 682, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
})
PHI3 = {
    **BASE, "architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "vocab_size": 672, "attention_bias": False, "bos_token_id": 1,
    "eos_token_id": 640, "pad_token_id": 640, "rms_norm_eps": 1e-05, "torch_dtype": "bfloat16", "original_max_position_embeddings": 512,
    "rope_scaling": None,
}
# llama.cpp computes Phi-3 without its window, so the prompts are shorter than that.
variant("phi3-small-window", "phi3", {**PHI3, "sliding_window": 64})
variant("phi4-mini", "phi3", {
    **PHI3, "hidden_size": 128, "partial_rotary_factor": 0.75, "tie_word_embeddings": True, "sliding_window": 262144, "max_position_embeddings": 2048,
    "rope_scaling": {"long_factor": [1, 1.1, 1.25, 1.4, 1.6, 2.0, 2.5, 3.0, 4.0, 6.0, 8.0, 12.0],
                     "short_factor": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.05], "type": "longrope"},
})
variant("gpt2-saved-by-transformers", "gpt2", {
    "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "attn_pdrop": 0.1, "embd_pdrop": 0.1,
    "resid_pdrop": 0.1, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "n_ctx": 128, "n_positions": 128, "n_embd": 100, "n_head": 5,
    "n_layer": 2, "n_inner": None, "vocab_size": 640, "bos_token_id": 639, "eos_token_id": 639, "torch_dtype": "float16",
}, dtype="F16")
FALCON = {
    "architectures": ["FalconForCausalLM"], "model_type": "falcon", "alibi": False, "attention_dropout": 0.0, "bias": False, "bos_token_id": 11,
    "eos_token_id": 11, "hidden_dropout": 0.0, "hidden_size": 64, "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "multi_query": True,
    "num_attention_heads": 4, "num_hidden_layers": 2, "parallel_attn": True, "use_cache": True, "vocab_size": 640, "torch_dtype": "bfloat16",
}
variant("falcon-7b", "falcon", {**FALCON, "new_decoder_architecture": False}, converter_reads="config.json")
variant("falcon-40b", "falcon", {**FALCON, "hidden_size": 128, "num_attention_heads": 8, "num_kv_heads": 4, "new_decoder_architecture": True, "tie_word_embeddings": False})
variant("gpt-neox-sequential", "gpt-neox", {
    "architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "bos_token_id": 0, "eos_token_id": 0, "hidden_act": "gelu", "hidden_size": 64,
    "initializer_range": 0.02, "intermediate_size": 128, "layer_norm_eps": 1e-05, "max_position_embeddings": 256, "num_attention_heads": 4,
    "num_hidden_layers": 2, "rotary_emb_base": 20000, "rotary_pct": 1.0, "tie_word_embeddings": False, "use_cache": True,
    "use_parallel_residual": False, "vocab_size": 656, "torch_dtype": "float16",
}, dtype="F16", converter_reads="config.json")
BERT = {
    "attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 64, "initializer_range": 0.02,
    "intermediate_size": 96, "layer_norm_eps": 1e-12, "max_position_embeddings": 128, "num_attention_heads": 4, "num_hidden_layers": 2,
    "pad_token_id": 0, "position_embedding_type": "absolute", "type_vocab_size": 2, "vocab_size": 600, "torch_dtype": "float32",
}
variant("bert-masked-lm", "bert", {**BERT, "architectures": ["BertForMaskedLM"], "model_type": "bert"}, dtype="F32", kind="embedding",
        pooling="cls", names="bert-gamma-beta")
variant("roberta", "gpt2", {
    **BERT, "architectures": ["RobertaModel"], "model_type": "roberta", "max_position_embeddings": 130, "layer_norm_eps": 1e-05,
    "pad_token_id": 1, "type_vocab_size": 1, "vocab_size": 640, "bos_token_id": 0, "eos_token_id": 2,
}, dtype="F32", kind="embedding", pooling="mean")
variant("xlm-roberta", "xlm-roberta", {
    **BERT, "architectures": ["XLMRobertaModel"], "model_type": "xlm-roberta", "max_position_embeddings": 130, "layer_norm_eps": 1e-05,
    "pad_token_id": 1, "type_vocab_size": 1, "vocab_size": 502, "bos_token_id": 0, "eos_token_id": 2, "output_past": True,
}, dtype="F32", kind="embedding", pooling="cls")
variant("distilbert", "bert", {
    "activation": "gelu", "architectures": ["DistilBertModel"], "model_type": "distilbert", "attention_dropout": 0.1, "dim": 64, "dropout": 0.1,
    "hidden_dim": 96, "initializer_range": 0.02, "max_position_embeddings": 128, "n_heads": 4, "n_layers": 2, "pad_token_id": 0,
    "sinusoidal_pos_embds": False, "tie_weights_": True, "vocab_size": 600, "torch_dtype": "float32",
}, dtype="F32", kind="embedding", pooling="mean")

# Heads: of their own in a class whose name ends in "Model", beside a config that ties them, and left out by an embedding model.
variant("gpt2-untied", "gpt2", {
    "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "layer_norm_epsilon": 1e-05,
    "n_ctx": 128, "n_positions": 128, "n_embd": 64, "n_head": 4, "n_layer": 2, "vocab_size": 640, "bos_token_id": 639,
    "eos_token_id": 639, "tie_word_embeddings": False,
}, dtype="F32")
variant("llama-tied-with-head", "llama", {**LLAMA, "tie_word_embeddings": True}, names="stored-head")
variant("qwen3-embedding-body", "qwen3", {
    **BASE, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "vocab_size": 704, "head_dim": 32, "attention_bias": False,
    "rope_theta": 1000000, "rope_scaling": None, "use_sliding_window": False, "sliding_window": None, "max_window_layers": 2,
    "bos_token_id": 680, "eos_token_id": 682, "torch_dtype": "bfloat16",
}, kind="embedding", pooling="last", names="body-alone")
# A config that leaves out what transformers has defaults for.
variant("bert-sparse-config", "bert", {
    **without(BERT, "type_vocab_size", "position_embedding_type"), "architectures": ["BertModel"], "model_type": "bert",
}, dtype="F32", kind="embedding", pooling="mean")
