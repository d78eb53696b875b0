/**
 * The values of the 8-bit floating point types. E4M3 and E5M2 are those of "FP8 Formats for Deep Learning" (2022), E4M3 in its variant
 * without infinities; E8M0 is the scale type of the OCP Microscaling formats. PyTorch names them float8_e4m3fn, float8_e5m2 and
 * float8_e8m0fnu.
 */

function floatValues(exponentBits: number, mantissaBits: number, hasInfinity: boolean): Float32Array<ArrayBuffer> {
  const values = new Float32Array(256);
  const bias = 2 ** (exponentBits - 1) - 1;
  const lastExponent = 2 ** exponentBits - 1;
  const lastMantissa = 2 ** mantissaBits - 1;
  for (let code = 0; code < 256; code++) {
    const exponent = (code >> mantissaBits) & lastExponent;
    const mantissa = code & lastMantissa;
    const fraction = mantissa / 2 ** mantissaBits;
    let value = exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
    if (exponent === lastExponent) {
      if (hasInfinity) value = mantissa === 0 ? Infinity : NaN;
      else if (mantissa === lastMantissa) value = NaN;
    }
    values[code] = code < 128 ? value : -value;
  }
  return values;
}

/** The value of each byte of a tensor of the type `F8_E4M3`. */
export const e4m3Values = floatValues(4, 3, false);

/** The value of each byte of a tensor of the type `F8_E5M2`. */
export const e5m2Values = floatValues(5, 2, true);

/** The value of each byte of a tensor of the type `F8_E8M0`: powers of two, without a sign and without zero. */
export const e8m0Values: Float32Array<ArrayBuffer> = Float32Array.from({ length: 256 }, (_, code) =>
  code === 255 ? NaN : 2 ** (code - 127),
);
