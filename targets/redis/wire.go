package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"checker/history"
)

// wire is a connection to a server, the part of a driver. One that has failed is given
// up, and the next command makes another one: nothing is sent twice.
type wire struct {
	address string
	conn    net.Conn // nil until a command needs one
	in      *bufio.Reader
}

// Close hangs up.
func (c *wire) Close() error {
	if c.conn != nil {
		c.conn.Close() // an error would be that it is closed
		c.conn = nil
	}
	return nil
}

// errNothingHappened is for what certainly had no effect.
var errNothingHappened = errors.New("nothing happened")

// do sends a command and returns the answer, numbers in text as numbers.
func (c *wire) do(ctx context.Context, words ...string) (history.Value, error) {
	if c.conn == nil {
		address := c.address
		if !strings.Contains(address, ":") {
			address += ":6379"
		}
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err != nil {
			return history.Nil, fmt.Errorf("%w: %w", errNothingHappened, err)
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
	}
	conn := c.conn
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	request := fmt.Sprintf("*%d\r\n", len(words))
	for _, w := range words {
		request += fmt.Sprintf("$%d\r\n%s\r\n", len(w), w)
	}
	_, err := io.WriteString(c.conn, request)
	answer := history.Nil
	if err == nil {
		answer, err = c.answer()
	}
	if err != nil && !errors.Is(err, errNothingHappened) {
		c.Close()
	}
	return answer, err
}

// answer reads a value of Redis's protocol.
func (c *wire) answer() (history.Value, error) {
	line, err := c.in.ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if err != nil || line == "" {
		return history.Nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	n, _ := strconv.ParseInt(line[1:], 10, 64)
	switch {
	case strings.HasPrefix(line, "-LOADING"):
		return history.Nil, fmt.Errorf("%w: %s", errNothingHappened, line)
	case line[0] == '-':
		return history.Nil, errors.New(line[1:])
	case line[0] == ':':
		return history.Int(n), nil
	case line[0] == '*':
		all := make([]history.Value, max(0, n))
		for i := range all {
			if all[i], err = c.answer(); err != nil {
				return history.Nil, err
			}
		}
		return history.Vector(all...), nil
	case line[0] != '$' || n < 0:
		return history.Nil, nil
	}
	text := make([]byte, n+2)
	if _, err := io.ReadFull(c.in, text); err != nil {
		return history.Nil, err
	}
	number, err := strconv.ParseInt(string(text[:n]), 10, 64)
	if err != nil {
		return history.Nil, fmt.Errorf("expected a number, found %q", text[:n])
	}
	return history.Int(number), nil
}
