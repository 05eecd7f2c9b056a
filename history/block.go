package history

import (
	"encoding/binary"
	"hash/crc32"
)

// The block format: checker's own, for recordings that are large or must survive
// the recorder. A file is eight bytes of magic and then blocks, each by itself:
// it has its own strings and can be read without the ones before. A writer that
// is killed leaves whole blocks and at most one that is torn, and no end block.
// docs/history-format.md specifies it to the byte; this is the short form.
//
//	file    = magic block* end
//	block   = header body
//	header  = stored raw rows (4 bytes each) first (8) bodyCRC headerCRC (4 each), little endian
//	body    = zstd frame of the columns
//	columns = strings index time process type f value error node extra, each behind its length
//	end     = header with no rows and no body; first is the number of rows in the file
//
// Checksums are CRC-32C; that of the header covers the bytes before it. Numbers in
// columns are varints (LEB128), zigzag where they are signed.

// blockMagic begins a file. The first byte is in no text, the last is the version.
const blockMagic = "\x89CHKBLK\x01"

const (
	blockVersion = len(blockMagic) - 1 // where the version is
	blockHeader  = 28
	blockTarget  = 256 << 10 // bytes of columns after which a writer ends a block
	maxBlockRows = 1 << 16   // rows of a block
	maxBlockRaw  = 128 << 20 // bytes of columns; one op takes at most maxOpBytes
	maxZstdRatio = 1 << 15   // of what zstd can shrink: a repeated block of 128 KiB takes 4 bytes
)

// The columns of a block. Those from colError on hold few rows: an entry is the
// number of rows skipped since the one before, and its content.
const (
	colStrings = iota // count, then the length of each, then their bytes
	colIndex          // difference to the index before + 1; the first to 0
	colTime           // difference to the time before; the first to 0
	colProcess        // its number; -1 the nemesis; -2-s has string s as its name
	colType           // one byte
	colF              // string
	colValue          // value
	colError          // value
	colNode           // string
	colExtra          // count, then a string and a value each
	numColumns
)

var columnNames = [...]string{"strings", "index", "time", "process", "type", "f", "value", "error", "node", "extra"}

// How a value begins. A byte from tagSmall on is an integer from 0 to 127.
const (
	tagNil     byte = iota
	tagFalse        //
	tagTrue         //
	tagInt          // signed varint
	tagFloat        // 8 bytes, IEEE 754, little endian
	tagString       // string
	tagKeyword      // string, without the colon
	tagVector       // count, then values; so are lists and sets
	tagList         //
	tagSet          //
	tagMap          // count of entries, then keys and values in turn
	tagTagged       // string, then the value
	tagInts         // count, then differences: a vector of integers of 32 bits, not empty
	tagTxn          // count, then f (string), key and value each: a vector of micro-ops, not empty
	tagSmall   = 0x80
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is what comes before the body of a block.
type header struct {
	stored, raw, rows uint32
	first             uint64 // rows in the blocks before
	bodyCRC           uint32
}

func (h header) append(dst []byte) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, h.stored)
	dst = binary.LittleEndian.AppendUint32(dst, h.raw)
	dst = binary.LittleEndian.AppendUint32(dst, h.rows)
	dst = binary.LittleEndian.AppendUint64(dst, h.first)
	dst = binary.LittleEndian.AppendUint32(dst, h.bodyCRC)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli))
}

// parseHeader reads a header; ok is false when its checksum is wrong.
func parseHeader(b []byte) (h header, ok bool) {
	le := binary.LittleEndian
	h = header{le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint64(b[12:]), le.Uint32(b[20:])}
	return h, le.Uint32(b[24:]) == crc32.Checksum(b[:24], castagnoli)
}

// isEnd reports whether the header is that of the end.
func (h header) isEnd() bool { return h.rows == 0 && h.raw == 0 && h.stored == 0 && h.bodyCRC == 0 }

// possible reports whether a writer can have written such a header.
func (h header) possible() bool {
	return h.rows > 0 && h.rows <= maxBlockRows && h.rows <= h.raw &&
		h.raw <= maxBlockRaw && h.stored <= maxBlockRaw && uint64(h.raw) <= uint64(h.stored)*maxZstdRatio
}
