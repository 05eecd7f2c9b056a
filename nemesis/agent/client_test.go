package agent

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// far is the agent's end of a connection, played by the test.
type far struct {
	t *testing.T
	r io.Reader
	w io.WriteCloser
}

func connected(t *testing.T) (*Client, far) {
	requests, toAgent := io.Pipe()
	fromAgent, replies := io.Pipe()
	f := far{t, requests, replies}
	go f.say(Reply{Report: Report{{Name: "fly", Available: true}, {Name: "swim", Detail: "no water"}}})
	c, err := Connect(fromAgent, toAgent)
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}

func (f far) hear() (q Request) {
	if err := readFrame(f.r, &q); err != nil {
		f.t.Error(err)
	}
	return q
}

func (f far) say(r Reply) {
	if err := writeFrame(f.w, r); err != nil {
		f.t.Error(err)
	}
}

func TestReport(t *testing.T) {
	c, _ := connected(t)
	for name, want := range map[string]string{"fly": "", "swim": "no water", "dig": "the agent does not know of it"} {
		if ok, why := c.Report().Can(name); ok != (want == "") || why != want {
			t.Errorf("%s: %v, %q", name, ok, why)
		}
	}
}

// TestReplies come back in any order, each to who asked.
func TestReplies(t *testing.T) {
	c, f := connected(t)
	first, second := make(chan Reply), make(chan Reply)
	ask := func(to chan Reply) {
		r, err := c.Ask(t.Context(), Request{Do: Kill})
		if err != nil {
			t.Error(err)
		}
		to <- r
	}
	go ask(first)
	a := f.hear()
	go ask(second)
	b := f.hear()
	f.say(Reply{ID: b.ID, Did: true})
	if r := <-second; !r.Did {
		t.Errorf("%+v", r)
	}
	f.say(Reply{ID: a.ID})
	if r := <-first; r.Did {
		t.Errorf("%+v", r)
	}
}

func TestAskFails(t *testing.T) {
	c, f := connected(t)
	go func() { f.say(Reply{ID: f.hear().ID, Error: "no such thing"}) }()
	if _, err := c.Ask(t.Context(), Request{Do: Kill}); err == nil || err.Error() != "kill: no such thing" {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	go f.hear()
	if _, err := c.Ask(ctx, Request{Do: Kill}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	go func() {
		f.hear()
		f.w.Close()
	}()
	for range 2 {
		if _, err := c.Ask(t.Context(), Request{Do: Kill}); err == nil || !strings.Contains(err.Error(), "the agent is gone") {
			t.Errorf("%v", err)
		}
	}
}

func TestNoReport(t *testing.T) {
	for _, said := range []string{"", "exec format error", "\x00\x00\x00\x02{}"} {
		if _, err := Connect(strings.NewReader(said), io.Discard); err == nil {
			t.Errorf("%q is taken for a report", said)
		}
	}
}
