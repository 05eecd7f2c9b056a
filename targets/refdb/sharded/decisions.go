package sharded

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"

	"checker/targets/refdb"
)

// decisionLog is the log of a node that decides by itself, as the gateway of plain two-phase commit does.
// It is a file of frames, each a CRC-32C of the rest, a length and a payload, both of 4 bytes little
// endian; the first bad frame ends it, and must be a torn one. The payloads are
//
//	life    number            the node's process began; those of its transactions carry the number
//	commit  id, shards        the decision; an abort is not written: presumed abort
//	end     id                all participants know the decision
//
// It is written anew, without what has ended, once that is most of it, and when the process begins: what
// can be read then need not be durable.
type decisionLog struct {
	buf     []byte
	written int64 // bytes handed over or in buf, since the start
	synced  int64
	syncing int64 // what the sync under way will make durable, 0 if none is
	size    int64 // of the file
	fresh   bool  // buf begins the new file
}

const (
	lifeRecord   = 1
	commitRecord = 2
	endRecord    = 3
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (l *decisionLog) write(payload []byte) {
	start := len(l.buf)
	l.buf = append(l.buf, 0, 0, 0, 0)
	l.buf = binary.LittleEndian.AppendUint32(l.buf, uint32(len(payload)))
	l.buf = append(l.buf, payload...)
	binary.LittleEndian.PutUint32(l.buf[start:], crc32.Checksum(l.buf[start+4:], castagnoli))
	l.written += int64(len(l.buf) - start)
	l.size += int64(len(l.buf) - start)
}

// beginFile turns to a new file. What has not been handed over is dropped: the caller writes all that
// counts to the new one.
func (l *decisionLog) beginFile() {
	l.written -= int64(len(l.buf))
	l.buf, l.size, l.fresh = l.buf[:0], 0, true
}

// ops appends what the disk has to do now. One sync is under way at a time.
func (l *decisionLog) ops(ops []DiskOp) []DiskOp {
	if l.syncing != 0 || l.written == l.synced {
		return ops
	}
	ops = append(ops, DiskOp{CoordinatorLog, refdb.DiskOp{Kind: refdb.AppendOp, New: l.fresh, Data: l.buf}})
	kind := refdb.SyncOp
	if l.fresh {
		kind = refdb.ReplaceOp
	}
	l.buf, l.syncing, l.fresh = nil, l.written, false
	return append(ops, DiskOp{CoordinatorLog, refdb.DiskOp{Kind: kind, Token: uint64(l.syncing)}})
}

// frameHeader is what a frame has before its payload: the checksum and the length.
const frameHeader = 8

// mostPayload is more than any payload takes: three numbers, and a byte a shard.
const mostPayload = 32 + MaxShards

// readDecisions calls f for each payload of a log file. A torn tail was never synced, nor acted upon, and
// ends the file. A frame of which one bit is wrong was whole once: to go on without it would be to forget
// a decision, and is an error.
func readDecisions(file []byte, f func(payload []byte)) error {
	for rest := file; len(rest) > 0; {
		frame := frameAt(rest)
		if frame == nil {
			if oneBitOff(rest) {
				return fmt.Errorf("one bit of the frame at %d is flipped", len(file)-len(rest))
			}
			return nil
		}
		f(frame[frameHeader:])
		rest = rest[len(frame):]
	}
	return nil
}

// frameAt returns the intact frame that a file begins with, or nil.
func frameAt(file []byte) []byte {
	if len(file) < frameHeader {
		return nil
	}
	length := binary.LittleEndian.Uint32(file[4:])
	if length == 0 || int64(length) > int64(len(file)-frameHeader) {
		return nil
	}
	frame := file[:frameHeader+length]
	if binary.LittleEndian.Uint32(frame) != crc32.Checksum(frame[4:], castagnoli) {
		return nil
	}
	return frame
}

// oneBitOff tells whether a file begins with a frame of which one bit is flipped: it tries them all.
func oneBitOff(file []byte) bool {
	head := slices.Clone(file[:min(len(file), frameHeader+mostPayload)])
	for bit := range 8 * len(head) {
		head[bit/8] ^= 1 << (bit % 8)
		if frameAt(head) != nil {
			return true
		}
		head[bit/8] ^= 1 << (bit % 8)
	}
	return false
}
