package history

import (
	"bufio"
	"bytes"
	"errors"
	"hash/crc32"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// fuzzReader checks that reading anything ends in a history or a *ParseError,
// and that a history comes back from what is written of it.
func fuzzReader(f *testing.F, format Format, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := Read(bytes.NewReader(text), "fuzz", ReadOptions{}); err != nil && !isParseError(err) {
			t.Fatalf("error %T: %v", err, err)
		}
		h, err := Read(bytes.NewReader(text), "fuzz", ReadOptions{Format: format})
		if err != nil {
			if !isParseError(err) {
				t.Fatalf("error %T: %v", err, err)
			}
			return
		}
		lines := write(t, h, JSONL)
		if got := write(t, read(t, lines), JSONL); got != lines {
			t.Fatalf("JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
		if got := write(t, read(t, write(t, h, EDN)), JSONL); got != lines {
			t.Fatalf("by way of EDN, JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
		if got := write(t, read(t, write(t, h, Block)), JSONL); got != lines {
			t.Fatalf("by way of blocks, JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
		if torn, err := Read(bytes.NewReader(text), "fuzz", ReadOptions{Format: format, AllowTruncated: true}); err != nil || torn.Len() != h.Len() {
			t.Fatalf("allowing truncation lost ops, or failed with %v", err)
		}
	})
}

func isParseError(err error) bool {
	var e *ParseError
	return errors.As(err, &e) && (e.Line > 0 && e.Col > 0 || e.Line == 0 && e.Offset >= 0) && e.Msg != ""
}

func FuzzEDN(f *testing.F) {
	fuzzReader(f, EDN,
		"{:type :invoke, :f :read, :value nil, :process 0, :time 10, :index 0}\n{:type :ok :f :read :value 5 :process 0}",
		"[#op{:type :invoke :f :txn :value [[:append 5 1] [:r :x [1 2]] [:r \"k\" nil]]} #_ 5 ; c\n]",
		"({:type :info :process :nemesis :f :kill :value {:a #{1 \\a \"\\u00e9\\n\"} 2.5 #t (nil true -3N)} :x ##NaN})",
		"{:type :invoke :value [1 2 [3 [[:w 4 5] [:r 6]]] 99999999999]}",
	)
}

func FuzzJSON(f *testing.F) {
	fuzzReader(f, JSONL,
		`{"index":0,"time":1,"process":0,"type":"invoke","f":"txn","value":[["append",5,1],["r",":x",[1,2]]],"node":"n1"}`+"\n"+`{"type":"ok","process":0}`,
		`[{"type":"invoke","value":{"0":100,":k":[1.5,-2,true,null,"\u00e9\udcff"]}},{"type":"info","process":"nemesis"}]`,
		`{"type":"invoke","value":[{"#set":[1]},{"#list":[]},{"#map":[[1,2]]},{"#tag":["t",1]},{"#float":"NaN"},{"##a":1}]}`,
	)
}

func FuzzKnossosLog(f *testing.F) {
	fuzzReader(f, KnossosLog, "INFO  jepsen.util - 0\t:invoke\t:write\t1\nnoise\nINFO  jepsen.util - 0\t:info\t:write\t:timed-out\nINFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]")
}

func FuzzPorcupineKV(f *testing.F) {
	fuzzReader(f, PorcupineKV, "{:process 9, :type :invoke, :f :append, :key \"0\", :value \"x 9 0 y\"}\n{:process 9, :type :ok, :f :append, :key \"0\", :value [1 2]}")
}

func FuzzAWDIT(f *testing.F) {
	fuzzReader(f, AWDIT, "w 0 0\nr 0 1\n-----\nw 1 5\n=====\nr 0 0\n")
}

func FuzzIsolationText(f *testing.F) {
	fuzzReader(f, IsolationText, "w(0,1,1,1)\nr(0,2,1,1)\nw(0,2,2,1)")
}

// FuzzPieces checks that the size of the pieces that are read ahead shows
// nowhere.
func FuzzPieces(f *testing.F) {
	f.Add([]byte(threeOps), 60, true)
	f.Add([]byte("{:type :invoke, :f :read, :process 0, :value [[:r 1 nil]]}\n{:type :ok, :f :read, :process 0, :value [[:r 1 [1 2]]]}\n{:type :info}"), 50, false)
	f.Fuzz(func(t *testing.T, text []byte, piece int, torn bool) {
		for _, format := range []Format{EDN, JSONL, PorcupineKV} {
			checkPieces(t, text, format, 49+max(0, piece%1000), ReadOptions{AllowTruncated: torn})
		}
	})
}

// FuzzBlock reads blocks of which the checksums are right, whatever is in them,
// and files of blocks.
func FuzzBlock(f *testing.F) {
	h := build(f, Op{F: "txn", Value: txn(Mop("r", Int(1), Ints(3, 4)), Mop("append", String("k"), Float(1.5)))},
		Op{Type: Ok, F: "txn", Value: Set(Keyword("k"), Map(Nil, Bool(true)), Tagged("t", List(Int(-1)))), Error: String("e"), Node: "n1"},
		Op{Process: Nemesis, Type: Info, F: "kill", Extra: []Field{{"x", Vector(Int(1<<40), String(""))}}})
	file := []byte(write(f, h, Block))
	var w bytes.Buffer
	p := blockReader{name: "seed", in: bufio.NewReader(bytes.NewReader(file[len(blockMagic):])), decoder: newDecoder(f), merger: merger{b: NewBuilder()}}
	if _, err := p.block(); err != nil {
		f.Fatal(err)
	}
	w.Write(p.raw)
	f.Add(w.Bytes(), 3, false)
	f.Add(file, 0, true)
	f.Fuzz(func(t *testing.T, data []byte, rows int, whole bool) {
		if !whole {
			data = blockOf(t, data, uint32(rows))
		}
		h, err := Read(bytes.NewReader(data), "fuzz", ReadOptions{Format: Block})
		if err != nil {
			if !isParseError(err) {
				t.Fatalf("error %T: %v", err, err)
			}
			return
		}
		lines := write(t, h, JSONL)
		for _, f := range []Format{JSONL, EDN, Block} {
			if got := write(t, read(t, write(t, h, f)), JSONL); got != lines {
				t.Fatalf("by way of %s, JSON Lines changed\nfrom %s\nto   %s", f, lines, got)
			}
		}
		if torn, err := Read(bytes.NewReader(data), "fuzz", ReadOptions{AllowTruncated: true}); err != nil || torn.Len() != h.Len() {
			t.Fatalf("allowing truncation lost ops, or failed with %v", err)
		}
	})
}

func newDecoder(t testing.TB) *zstd.Decoder {
	t.Helper()
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(decoder.Close)
	return decoder
}

// blockOf makes a file of one block of the given columns.
func blockOf(t testing.TB, raw []byte, rows uint32) []byte {
	t.Helper()
	w, err := newBlockWriter()
	if err != nil {
		t.Fatal(err)
	}
	body := w.encoder.EncodeAll(raw, nil)
	h := header{uint32(len(body)), uint32(len(raw)), rows, 0, crc32.Checksum(body, castagnoli)}
	file := append(h.append([]byte(blockMagic)), body...)
	return header{first: uint64(rows)}.append(file)
}
