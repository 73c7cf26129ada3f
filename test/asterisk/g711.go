package asterisk

import "math/bits"

// muSilence is the µ-law byte for zero.
const muSilence = 0xFF

// muEncode turns one 16-bit sample into µ-law (ITU-T G.711, table 2a).
func muEncode(s int16) byte {
	const bias, clip = 0x84, 32635
	v, sign := int(s), byte(0)
	if v < 0 {
		v, sign = -v, 0x80
	}
	v = min(v, clip) + bias
	exp := bits.Len(uint(v)) - 8
	return ^(sign | byte(exp)<<4 | byte(v>>(exp+3))&0x0F)
}

// muDecoded holds the sample of every µ-law byte.
var muDecoded = func() (t [256]int16) {
	for i := range t {
		u := ^byte(i)
		v := (int(u&0x0F)<<3 + 0x84) << (u >> 4 & 7)
		if v -= 0x84; u&0x80 != 0 {
			v = -v
		}
		t[i] = int16(v)
	}
	return t
}()

func muDecodeAll(b []byte) []int16 {
	pcm := make([]int16, len(b))
	for i, u := range b {
		pcm[i] = muDecoded[u]
	}
	return pcm
}
