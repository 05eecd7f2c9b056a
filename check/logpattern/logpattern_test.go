package logpattern

import (
	"context"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"checker/check"
	"checker/history"
)

func file(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }

// closed is a tree in which one file cannot be opened.
type closed struct {
	fstest.MapFS
	file string
}

func (c closed) Open(name string) (fs.File, error) {
	if name == c.file {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return c.MapFS.Open(name)
}

func TestLogs(t *testing.T) {
	long := strings.Repeat("x", longest) + "panic: beyond what is matched\nfine\n"
	for _, test := range []struct {
		name string
		logs fs.FS
		want string
	}{
		{"clean", fstest.MapFS{"n1/db.log": file("started\nstopped\n"), "n2/db.log": file("")},
			"valid\nnote: 2 lines of 2 files looked at for panic:\n"},
		{"found", fstest.MapFS{"n1/db.log": file("started\npanic: oh"), "n2/db.log": file("panic: too\r\n")},
			"invalid\nlog-pattern × 2\n  ops []: n1/db.log:2: panic: oh\n  ops []: n2/db.log:1: panic: too\nnote: 3 lines of 2 files looked at for panic:\n"},
		{"nothing", fstest.MapFS{"n1": &fstest.MapFile{Mode: fs.ModeDir}},
			"unknown there is no log\nnote: 0 lines of 0 files looked at for panic:\n"},
		{"one cannot be read", closed{fstest.MapFS{"n1/db.log": file("fine\n"), "n2/db.log": file("panic: unseen")}, "n2/db.log"},
			"unknown open n2/db.log: permission denied\nnote: 1 lines of 1 files looked at for panic:\n"},
		{"another has it", closed{fstest.MapFS{"n1/db.log": file("x"), "n2/db.log": file("panic: seen")}, "n1/db.log"},
			"invalid open n1/db.log: permission denied\nlog-pattern × 1\n  ops []: n2/db.log:1: panic: seen\nnote: 1 lines of 1 files looked at for panic:\n"},
		{"not text", fstest.MapFS{"n1/db.log": file("\xff\x00panic: \xfe")},
			"invalid\nlog-pattern × 1\n  ops []: n1/db.log:1: \uFFFD\x00panic: \uFFFD\nnote: 1 lines of 1 files looked at for panic:\n"},
		{"long lines", fstest.MapFS{"n1/db.log": file(long)},
			"valid\nnote: 2 lines of 1 files looked at for panic:\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := New(test.logs, regexp.MustCompile("panic:"), Options{})
			if got := check.Run(context.Background(), c, history.NewBuilder().History()).String(); got != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
		})
	}
}
