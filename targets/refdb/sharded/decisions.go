package sharded

import (
	"encoding/binary"
	"hash/crc32"

	"checker/targets/refdb"
)

// decisionLog is the log of a node that decides by itself, as the gateway of plain two-phase commit does.
// It is a file of frames, each a CRC-32C of the rest, a length and a payload, both of 4 bytes little
// endian; the first bad frame ends it. The payloads are
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

// readDecisions calls f for each payload of a log file.
func readDecisions(file []byte, f func(payload []byte)) {
	for rest := file; len(rest) >= 8; {
		length := uint64(binary.LittleEndian.Uint32(rest[4:]))
		if length > uint64(len(rest)-8) {
			break
		}
		frame := rest[:8+length]
		if binary.LittleEndian.Uint32(frame) != crc32.Checksum(frame[4:], castagnoli) {
			break
		}
		f(frame[8:])
		rest = rest[len(frame):]
	}
}
