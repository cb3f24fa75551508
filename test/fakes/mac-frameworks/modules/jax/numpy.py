from numpy import float16, float32, float64

bfloat16 = float32
__all__ = ["bfloat16", "float16", "float32", "float64"]
