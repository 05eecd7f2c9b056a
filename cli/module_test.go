package cli

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestOwnModule follows docs/add-a-database.md: the smallest target in a module of its
// own, with the program that stands there, against servers that run already, one that
// keeps what it is told and one that forgets.
func TestOwnModule(t *testing.T) {
	program := ownModule(t)
	if out, err := exec.Command(program, "list", "targets").Output(); err != nil || strings.Count(string(out), "own-redis ") != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	for name, c := range map[string]struct {
		forgets bool
		code    int
	}{"keeps": {false, ExitValid}, "forgets": {true, ExitInvalid}} {
		struck := filepath.Join(t.TempDir(), "struck")
		cmd := exec.Command(program, "run", "--target", "own-redis", "--env", "none", "--endpoints", playRedis(t, c.forgets),
			"--time-limit", "3s", "--nemesis", "kill", "--nemesis-interval", "500ms", "--seed", "1", "--out", t.TempDir(),
			"--fault-command", "kill=echo killed $NODE at $ADDRESS >>"+struck, "--fault-command", "start=true")
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code {
			t.Errorf("%s: exit code %d, expected %d: %s", name, code, c.code, out)
		}
		if text, err := os.ReadFile(struck); err != nil || !strings.Contains(string(text), "killed n1 at 127.0.0.1:") {
			t.Errorf("%s: the user's command did not run: %v: %q", name, err, text)
		}
	}
}

// ownModule builds the program of the tutorial.
func ownModule(t *testing.T) string {
	t.Helper()
	tree, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(tree, "docs", "add-a-database.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, ok := strings.Cut(string(page), "```go\npackage main\n")
	code, _, closed := strings.Cut(code, "```\n")
	if !ok || !closed {
		t.Fatal("the tutorial has no program")
	}
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	copied := func(from, to string) {
		text, err := os.ReadFile(filepath.Join(tree, from))
		if err != nil {
			t.Fatal(err)
		}
		write(to, strings.Replace(string(text), `Name: "redis"`, `Name: "own-redis"`, 1))
	}
	write("main.go", "package main\n"+code)
	for _, name := range []string{"doc.go", "redis.go", "wire.go"} {
		copied("targets/redis/"+name, "redis/"+name)
	}
	copied("go.mod", "go.mod") // the versions that the tree was tested with
	copied("go.sum", "go.sum")
	for _, args := range [][]string{
		{"mod", "edit", "-module", "example.com/owndb", "-require", "checker@v0.0.0", "-replace", "checker=" + tree},
		{"build", "-mod=mod", "-o", "owndb", "."},
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v: %s", args[0], err, out)
		}
	}
	return filepath.Join(folder, "owndb")
}

// playRedis plays a Redis server; one that forgets keeps every seventh write to itself.
func playRedis(t *testing.T, forgets bool) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &redisPlayed{values: map[string]string{}, forgets: forgets}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return l.Addr().String()
}

type redisPlayed struct {
	mu      sync.Mutex
	values  map[string]string
	forgets bool
	writes  int
}

func (s *redisPlayed) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	for in.Scan() { // *N, then a length and a word for each
		n, _ := strconv.Atoi(in.Text()[1:])
		words := make([]string, n)
		for i := range words {
			in.Scan()
			in.Scan()
			words[i] = in.Text()
		}
		if _, err := conn.Write([]byte(s.answer(words))); err != nil {
			return
		}
	}
}

func (s *redisPlayed) answer(words []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case words[0] == "GET":
		v, ok := s.values[words[1]]
		if !ok {
			return "$-1\r\n"
		}
		return "$" + strconv.Itoa(len(v)) + "\r\n" + v + "\r\n"
	case words[0] == "SET":
		if s.writes++; !s.forgets || s.writes%7 > 0 {
			s.values[words[1]] = words[2]
		}
		return "+OK\r\n"
	case words[0] == "EVAL" && words[2] == "1":
		if s.values[words[3]] != words[4] {
			return ":0\r\n"
		}
		s.values[words[3]] = words[5]
		return ":1\r\n"
	}
	return "$-1\r\n"
}
