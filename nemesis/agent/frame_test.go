package agent

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	sent := []Request{{ID: 1, Do: Kill}, {ID: 2, Do: Deafen, Peers: []string{"10.0.0.1"}}}
	for _, q := range sent {
		if err := writeFrame(&b, q); err != nil {
			t.Fatal(err)
		}
	}
	whole := b.Bytes()
	r := bytes.NewReader(whole)
	for _, want := range sent {
		var q Request
		if err := readFrame(r, &q); err != nil || !reflect.DeepEqual(q, want) {
			t.Errorf("%+v, %v", q, err)
		}
	}
	if err := readFrame(r, &Request{}); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for n := 1; n < 20; n++ {
		if err := readFrame(bytes.NewReader(whole[:n]), &Request{}); err != io.ErrUnexpectedEOF {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
	if err := writeFrame(io.Discard, Request{Peers: []string{strings.Repeat("x", maxFrame)}}); err == nil {
		t.Error("a message that nobody would read was written")
	}
	if err := readFrame(strings.NewReader("\xff\xff\xff\xff"), &Request{}); err == nil || err == io.ErrUnexpectedEOF {
		t.Errorf("a huge message: %v", err)
	}
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\x00\x00\x00\x10{\"do\":\"kill\"}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var q Request
		if readFrame(bytes.NewReader(b), &q) != nil {
			return
		}
		var again bytes.Buffer
		if err := writeFrame(&again, q); err != nil {
			t.Fatal(err)
		}
		var same Request
		if err := readFrame(&again, &same); err != nil || !reflect.DeepEqual(q, same) {
			t.Errorf("%+v became %+v: %v", q, same, err)
		}
	})
}
