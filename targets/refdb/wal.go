package refdb

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/bits"
	"slices"
)

// The write-ahead log is one file of frames, only ever appended to, and now and then replaced as a
// whole by a shorter one that begins with a snapshot:
//
//	offset size
//	0      4    CRC-32C of the rest of the frame, seeded with the frame's offset in the file
//	4      4    length of the payload
//	8      8    durable: how many bytes of the file were known to be synced when this was written
//	16     n    payload: a kind, then fields of 8 bytes, all little endian
//
// and the payloads are
//
//	header    version, node           first frame of the file
//	state     term, vote              the latest one counts
//	entry     index, term, client, seq, op, key, a, b, data
//	truncate  index                   entries from index on are discarded
//	snapshot  index, term, content    takes the place of the entries up to index (see raftLog.rebase)
//
// A crash may leave any subset of the unsynced bytes, so the first bad frame either is the torn tail,
// and all from there on was never synced and is dropped; or it is damage to what was once synced,
// which must not be dropped: this node has told others about it. The two look alike but for
// `durable`: when an intact frame behind the bad one says that the bad one had been synced, it is
// damage. Damage within the last synced batch has no such witness. There a frame that a single flipped
// bit would make whole is damage as well, since what a crash leaves does not come so close; damage of
// more bits is taken for a torn tail.
const (
	frameHeader = 16
	walVersion  = 1

	headerRecord   = 1
	stateRecord    = 2
	entryRecord    = 3
	truncateRecord = 4
	snapshotRecord = 5
)

// payloadSize is the length of a payload by kind; of a snapshot, without its content, and of an entry,
// without its data.
var payloadSize = [...]int{headerRecord: 17, stateRecord: 17, entryRecord: 65, truncateRecord: 9, snapshotRecord: 17}

// endsInData tells the kinds that end in as many bytes as there are.
func endsInData(kind byte) bool { return kind == entryRecord || kind == snapshotRecord }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// CorruptionError says that the log holds damage that no crash explains.
type CorruptionError struct {
	Offset int64
	Reason string
}

func (e *CorruptionError) Error() string {
	return fmt.Sprintf("refdb: write-ahead log is corrupt at offset %d: %s", e.Offset, e.Reason)
}

// checksum returns the CRC of a whole frame that lies at offset. The seed keeps a frame from being
// taken for one at another place.
func checksum(frame []byte, offset int64) uint32 {
	return crc32.Update(uint32(offset), castagnoli, frame[4:])
}

// appendFrame appends one frame to buf, the end of which is at offset of the file.
func appendFrame(buf []byte, offset, durable int64, data string, kind byte, fields ...uint64) []byte {
	if 1+8*len(fields) != payloadSize[kind] || data != "" && !endsInData(kind) {
		panic(fmt.Sprintf("refdb: record %d of %d fields and %d bytes", kind, len(fields), len(data)))
	}
	start := len(buf)
	buf = append(buf, make([]byte, frameHeader)...)
	buf = append(buf, kind)
	for _, f := range fields {
		buf = binary.LittleEndian.AppendUint64(buf, f)
	}
	buf = append(buf, data...)
	sealFrame(buf[start:], offset, durable)
	return buf
}

// sealFrame fills in the head of a frame that holds its payload already.
func sealFrame(frame []byte, offset, durable int64) {
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(frame)-frameHeader))
	binary.LittleEndian.PutUint64(frame[8:], uint64(durable))
	binary.LittleEndian.PutUint32(frame, checksum(frame, offset))
}

// frameAt returns the intact frame at offset of the file and its durable field, or no frame.
func frameAt(file []byte, offset int, bugs Bugs) (frame []byte, durable int64) {
	rest := file[offset:]
	if len(rest) < frameHeader+1 {
		return nil, 0
	}
	kind := int(rest[frameHeader])
	if kind == 0 || kind >= len(payloadSize) {
		return nil, 0
	}
	length := int(binary.LittleEndian.Uint32(rest[4:]))
	if length < payloadSize[kind] || !endsInData(byte(kind)) && length > payloadSize[kind] {
		return nil, 0
	}
	size := frameHeader + length
	if len(rest) < size {
		return nil, 0
	}
	frame = rest[:size]
	if binary.LittleEndian.Uint32(frame) != checksum(frame, int64(offset)) && !bugs.Has(ChecksumIgnored) {
		return nil, 0
	}
	durable = int64(binary.LittleEndian.Uint64(frame[8:]))
	if durable < 0 || durable > int64(offset) {
		return nil, 0
	}
	return frame, durable
}

// recovered is what a log file adds up to.
type recovered struct {
	node NodeID // NoNode if the file held nothing
	term uint64
	vote NodeID
	log  raftLog
	snap snapshot
	size int64 // bytes that are intact; the rest is a torn tail

	// durable is how much of size is certain to survive the next crash as well. The rest may have
	// survived in the operating system's memory only, as the process died and the machine did not.
	durable int64
}

// recoverWAL reads a log file. The only error is *CorruptionError.
func recoverWAL(file []byte, bugs Bugs) (recovered, error) {
	r := recovered{log: newRaftLog(0, 0)}
	for r.size < int64(len(file)) {
		frame, durable := frameAt(file, int(r.size), bugs)
		if frame == nil {
			return r, tornTail(file, r.size)
		}
		if reason := r.replay(frame[frameHeader:]); reason != "" {
			return r, &CorruptionError{r.size, reason}
		}
		r.size += int64(len(frame))
		r.durable = max(r.durable, durable)
	}
	return r, nil
}

// tornTail returns an error if the bad frame at offset bad was once synced.
func tornTail(file []byte, bad int64) error {
	if oneBitOff(file[bad:], bad) {
		return &CorruptionError{bad, "one bit of the frame is flipped"}
	}
	for i := int(bad) + 1; i < len(file); i++ {
		if frame, durable := frameAt(file, i, 0); frame != nil && durable > bad {
			return &CorruptionError{bad, fmt.Sprintf("bad frame, yet the frame at %d says that %d bytes had been synced", i, durable)}
		}
	}
	return nil
}

// oneBitOff tells whether file begins with a frame, written at offset, of which one bit is flipped.
func oneBitOff(file []byte, offset int64) bool {
	if len(file) <= frameHeader {
		return false
	}
	stored, length := binary.LittleEndian.Uint32(file), binary.LittleEndian.Uint32(file[4:])
	for bit := range 32 { // in the length, which decides where the frame ends
		size := frameHeader + int64(length^1<<bit)
		if size > frameHeader && size <= int64(len(file)) {
			var field [4]byte
			binary.LittleEndian.PutUint32(field[:], length^1<<bit)
			if crc32.Update(crc32.Update(uint32(offset), castagnoli, field[:]), castagnoli, file[8:size]) == stored {
				return true
			}
		}
	}
	size := frameHeader + int64(length)
	if size <= frameHeader || size > int64(len(file)) {
		return false
	}
	return flipsOneBit(stored^checksum(file[:size], offset), int(size)-4)
}

// flipsOneBit tells whether a single bit, of a checksum or of the n bytes that it is of, accounts for
// that checksum being off by diff. Checksums are linear: what a flipped bit does to one depends only on
// how many bytes follow.
func flipsOneBit(diff uint32, n int) bool {
	if bits.OnesCount32(diff) == 1 {
		return true
	}
	var effect [8]uint32
	for bit := range effect {
		effect[bit] = castagnoli[1<<bit]
	}
	for range n {
		for bit, e := range effect {
			if e == diff {
				return true
			}
			effect[bit] = castagnoli[byte(e)] ^ e>>8
		}
	}
	return false
}

// replay adds one payload. It returns what is wrong with it, if anything: an intact frame that
// makes no sense here is never the work of a crash.
func (r *recovered) replay(payload []byte) (reason string) {
	field := func(i int) uint64 { return binary.LittleEndian.Uint64(payload[1+8*i:]) }
	if (payload[0] == headerRecord) != (r.size == 0) {
		return "the header is missing or in the wrong place"
	}
	switch payload[0] {
	case headerRecord:
		if field(0) != walVersion {
			return fmt.Sprintf("version %d, want %d", field(0), walVersion)
		}
		r.node = NodeID(field(1))
	case stateRecord:
		if field(0) < r.term {
			return fmt.Sprintf("term %d after term %d", field(0), r.term)
		}
		r.term, r.vote = field(0), NodeID(field(1))
	case entryRecord:
		if field(4) >= uint64(numOps) {
			return fmt.Sprintf("operation %d", field(4))
		}
		if field(0) != r.log.last()+1 {
			return fmt.Sprintf("entry %d after entry %d", field(0), r.log.last())
		}
		e := Entry{Index: field(0), Term: field(1), Client: field(2), Seq: field(3),
			Command: Command{Op: Op(field(4)), Key: int64(field(5)), A: int64(field(6)), B: int64(field(7))}}
		if data := payload[payloadSize[entryRecord]:]; e.Command.Op == Custom {
			e.Command.Data = string(data)
		} else if len(data) > 0 {
			return fmt.Sprintf("%d bytes behind an entry that has none", len(data))
		}
		r.log.append(e)
	case truncateRecord:
		if field(0) <= r.log.base() || field(0) > r.log.last() {
			return fmt.Sprintf("truncation from entry %d of %d to %d", field(0), r.log.base()+1, r.log.last())
		}
		r.log.truncate(field(0))
	case snapshotRecord:
		if field(0) <= r.snap.index {
			return fmt.Sprintf("snapshot of entry %d after one of entry %d", field(0), r.snap.index)
		}
		r.snap = snapshot{index: field(0), term: field(1), content: slices.Clone(payload[payloadSize[snapshotRecord]:])}
		if _, err := r.snap.decode(); err != nil {
			return err.Error()
		}
		r.log.rebase(r.snap.index, r.snap.term)
	}
	return ""
}
