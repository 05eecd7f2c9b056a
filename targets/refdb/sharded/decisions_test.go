package sharded

import (
	"slices"
	"testing"
)

// TestFlippedDecisions: a log of decisions of which any one bit is flipped is refused, and never read as a
// shorter one; one that is torn anywhere is read up to there.
func TestFlippedDecisions(t *testing.T) {
	var log decisionLog
	payloads := [][]byte{
		lifePayload(1 << 62),
		commitPayload(&decision{id: TxnID{7, 3}, shards: []ShardID{2, 0}}),
		endPayload(TxnID{7, 3}),
		commitPayload(&decision{id: TxnID{1 << 60, 1 << 60}, shards: slices.Repeat([]ShardID{62}, MaxShards)}),
	}
	var ends []int
	for _, p := range payloads {
		log.write(p)
		ends = append(ends, len(log.buf))
	}
	for bit := range 8 * len(log.buf) {
		file := slices.Clone(log.buf)
		file[bit/8] ^= 1 << (bit % 8)
		if err := readDecisions(file, func([]byte) {}); err == nil {
			t.Fatalf("bit %d of byte %d of %d flipped: nobody noticed", bit%8, bit/8, len(file))
		}
	}
	for size := range len(log.buf) + 1 {
		whole := 0
		for _, end := range ends {
			if end <= size {
				whole++
			}
		}
		var read [][]byte
		if err := readDecisions(log.buf[:size], func(p []byte) { read = append(read, p) }); err != nil {
			t.Fatalf("%d of %d bytes: %v", size, len(log.buf), err)
		}
		if !slices.EqualFunc(read, payloads[:whole], slices.Equal) {
			t.Fatalf("%d of %d bytes: %d payloads, want %d", size, len(log.buf), len(read), whole)
		}
	}
}
