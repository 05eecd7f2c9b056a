package docker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests run in containers, with a victim for a database: see testdata/victim.
// Most share three nodes, which they leave as they found them.

var shared struct {
	once   sync.Once
	env    *Environment
	err    error
	folder string
	victim string
}

func TestMain(m *testing.M) {
	if os.Getenv(liveInChild) != "" {
		liveUntilKilled()
	}
	code := m.Run()
	if shared.env != nil {
		if err := shared.env.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "closing the shared nodes:", err)
			code = 1
		}
	}
	if shared.folder != "" {
		os.RemoveAll(shared.folder)
	}
	os.Exit(code)
}

// requireEngine skips a test where no engine answers, and builds the victim.
func requireEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := Connect(t.Context())
	if err != nil {
		t.Skip("skipped: ", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

var buildVictim = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "checker-victim-")
	if err != nil {
		return "", err
	}
	shared.folder = folder
	path := filepath.Join(folder, "checker")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./testdata/victim")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// victimSpec is three victims.
func victimSpec(ctx context.Context, nodes int) (Spec, error) {
	path, err := buildVictim()
	if err != nil {
		return Spec{}, err
	}
	return victims(ctx, path, nodes)
}

func victims(ctx context.Context, path string, nodes int) (Spec, error) {
	image, err := Build(ctx, Recipe{Name: "victim", Dockerfile: "FROM scratch\nCOPY victim /victim\n", Files: map[string]string{"victim": path}})
	if err != nil {
		return Spec{}, err
	}
	return Spec{
		Target: "victim", Nodes: nodes, Image: image, Data: "/data", Program: path,
		Command: func(Node, []Node) Command { return Command{Args: []string{"/victim"}} },
		Ready: func(_ context.Context, n Node) error {
			_, err := ask(n.Address, "clock")
			return err
		},
	}, nil
}

// nodes returns the shared environment.
func nodes(t *testing.T) *Environment {
	t.Helper()
	requireEngine(t)
	shared.once.Do(func() {
		var spec Spec
		if spec, shared.err = victimSpec(context.Background(), 3); shared.err == nil {
			shared.env, shared.err = Open(context.Background(), spec)
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.env
}

// ask asks a victim a question.
func ask(address, question string) (string, error) {
	c, err := net.DialTimeout("tcp", address+":7000", time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.WriteString(c, question+"\n"); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line), err
}

func mustAsk(t *testing.T, e *Environment, node, question string) string {
	t.Helper()
	answer, err := ask(e.Address(node), question)
	if err != nil {
		t.Fatalf("%s does not answer %q: %v", node, question, err)
	}
	return answer
}

func mustAskInt(t *testing.T, e *Environment, node, question string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(mustAsk(t, e, node, question), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// await waits until something holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come to be that %s", what)
		}
	}
}
