// Command victim stands for a database in tests of faults. It tells what it sees of
// the world; as "agent" it is the agent. On port 7000 a line is a question:
//
//	clock        its wall clock and its monotonic clock, in ns
//	reach ADDR   whether the victim at ADDR answers it
//	shout ADDR   sends a datagram there
//	heard ADDR   how many datagrams came from there
//	mark         adds a byte to a file on the volume, and tells its size
//	die          ends with a panic
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"checker/nemesis/agent"
)

const port = ":7000"

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "agent":
		if err := agent.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if slices.Contains(os.Args, "--stay") {
			select {}
		}
	case len(os.Args) > 1 && os.Args[1] == "fail":
		fmt.Println("victim: cannot open /data/wal: damaged")
		os.Exit(3)
	default:
		serve()
	}
}

var (
	mu    sync.Mutex
	heard = map[string]int{}
	begin = time.Now()
)

func serve() {
	go listen()
	l, err := net.Listen("tcp", port)
	if err != nil {
		panic(err)
	}
	fmt.Println("victim: ready")
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer c.Close()
			for lines := bufio.NewScanner(c); lines.Scan(); {
				fmt.Fprintln(c, answer(strings.Fields(lines.Text())))
			}
		}()
	}
}

func listen() {
	l, err := net.ListenPacket("udp", port)
	if err != nil {
		panic(err)
	}
	for b := make([]byte, 100); ; {
		_, from, err := l.ReadFrom(b)
		if err != nil {
			panic(err)
		}
		host, _, _ := net.SplitHostPort(from.String())
		mu.Lock()
		heard[host]++
		mu.Unlock()
	}
}

func answer(q []string) string {
	switch q[0] {
	case "clock":
		return fmt.Sprint(time.Now().UnixNano(), int64(time.Since(begin)))
	case "reach":
		return fmt.Sprint(reach(q[1]))
	case "shout":
		c, err := net.Dial("udp", q[1]+port)
		if err != nil {
			return err.Error()
		}
		defer c.Close()
		_, err = c.Write([]byte("!"))
		return fmt.Sprint(err == nil)
	case "heard":
		mu.Lock()
		defer mu.Unlock()
		return fmt.Sprint(heard[q[1]])
	case "mark":
		f, err := os.OpenFile("/data/marks", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err.Error()
		}
		defer f.Close()
		if _, err := f.Write([]byte("x")); err != nil {
			return err.Error()
		}
		s, err := f.Stat()
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(s.Size())
	case "die":
		panic("victim: asked to")
	}
	return "what?"
}

func reach(addr string) bool {
	c, err := net.DialTimeout("tcp", addr+port, 400*time.Millisecond)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(400 * time.Millisecond))
	fmt.Fprintln(c, "clock")
	_, err = bufio.NewReader(c).ReadString('\n')
	return err == nil
}
