// Command victim stands for a database in tests of faults. It tells what it sees of
// the world; as "agent" it is the agent. On port 7000 a line is a question:
//
//	clock        its wall clock and its monotonic clock, in ns
//	reach ADDR   whether the victim at ADDR answers it
//	time ADDR    how long that took, in ns
//	shout ADDR   sends a datagram there
//	shout ADDR N sends so many, numbered
//	heard ADDR   how many datagrams came from there
//	late ADDR    how many of them came behind one of a higher number, sent with it
//	mark         adds a byte to a file on the volume, and tells its size
//	put NAME TEXT  adds a text to a file on the volume
//	get NAME     what it holds
//	sync NAME    syncs it, and tells how long that took, in ns
//	die          ends with a panic
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"checker/nemesis/agent"
)

const port = ":7000"

func main() {
	switch {
	case len(os.Args) > 4 && os.Args[2] == "--gate": // victim agent --gate FOLDER -- PROGRAM…
		fmt.Fprintln(os.Stderr, agent.Gate(os.Args[3], os.Args[5:]))
		os.Exit(1)
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
	late  = map[string]int{}
	last  = map[string]volley{} // the last volley, as far as it was heard
	begin = time.Now()
)

// volley is a datagram of those that are sent at a time.
type volley struct {
	id     int64
	number int
}

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
		n, from, err := l.ReadFrom(b)
		if err != nil {
			panic(err)
		}
		host, _, _ := net.SplitHostPort(from.String())
		mu.Lock()
		heard[host]++
		var v volley
		fmt.Sscan(string(b[:n]), &v.id, &v.number)
		if v.id == last[host].id && v.number < last[host].number {
			late[host]++
		} else {
			last[host] = v
		}
		mu.Unlock()
	}
}

func answer(q []string) string {
	switch q[0] {
	case "clock":
		return fmt.Sprint(time.Now().UnixNano(), int64(time.Since(begin)))
	case "reach":
		return fmt.Sprint(reach(q[1]))
	case "time":
		begun := time.Now()
		if !reach(q[1]) {
			return "-1"
		}
		return fmt.Sprint(int64(time.Since(begun)))
	case "shout":
		return shout(q[1], q[2:])
	case "heard":
		return counter(heard, q[1])
	case "late":
		return counter(late, q[1])
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
	case "put":
		return onFile(q[1], func(f *os.File) (string, error) {
			_, err := f.WriteString(q[2])
			return "done", err
		})
	case "get":
		got, err := os.ReadFile("/data/" + q[1])
		return fmt.Sprintf("%q %v", got, err)
	case "sync":
		return onFile(q[1], func(f *os.File) (string, error) {
			begun := time.Now()
			err := f.Sync()
			return fmt.Sprint(int64(time.Since(begun))), err
		})
	case "die":
		panic("victim: asked to")
	}
	return "what?"
}

// onFile does something to a file on the volume, and tells the answer or the error.
func onFile(name string, do func(*os.File) (string, error)) string {
	f, err := os.OpenFile("/data/"+name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	answer, err := do(f)
	if err != nil {
		return err.Error()
	}
	return answer
}

func counter(of map[string]int, host string) string {
	mu.Lock()
	defer mu.Unlock()
	return fmt.Sprint(of[host])
}

func shout(addr string, times []string) string {
	n := 1
	if len(times) > 0 {
		n, _ = strconv.Atoi(times[0])
	}
	c, err := net.Dial("udp", addr+port)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	id := time.Now().UnixNano()
	for i := range n {
		if _, err := fmt.Fprint(c, id, i); err != nil {
			return err.Error()
		}
	}
	return "true"
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
