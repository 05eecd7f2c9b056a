//go:build linux

package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pinger asks peers for an echo, which their kernels answer: so it needs no open
// port, and an answer shows that packets pass in both directions.
type pinger struct {
	socket int
	id     uint16 // tells our echoes from others'
	seq    uint16
}

// pingEvery is how long an echo is waited for before another one is asked for.
const pingEvery = 50 * time.Millisecond

func newPinger() (*pinger, error) {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if err != nil {
		return nil, fmt.Errorf("raw socket: %w", err)
	}
	return &pinger{socket: s, id: uint16(os.Getpid()) | 0x4000}, nil
}

// ping returns the peers that did not answer while patience lasted.
func (a *agent) ping(peers []string, patience time.Duration) ([]string, error) {
	if a.pinger == nil {
		return nil, errors.New("there is no raw socket")
	}
	silent := map[netip.Addr]bool{}
	for _, p := range peers {
		addr, err := netip.ParseAddr(p)
		if err != nil || !addr.Is4() {
			return nil, fmt.Errorf("%q is no IPv4 address", p)
		}
		silent[addr] = true
	}
	for deadline := time.Now().Add(patience); len(silent) > 0 && time.Now().Before(deadline); {
		a.pinger.seq++
		for addr := range silent {
			err := unix.Sendto(a.pinger.socket, a.pinger.echo(), 0, &unix.SockaddrInet4{Addr: addr.As4()})
			if err != nil && !errors.Is(err, unix.EHOSTUNREACH) {
				return nil, err
			}
		}
		if err := a.pinger.listen(silent, earlier(deadline, time.Now().Add(pingEvery))); err != nil {
			return nil, err
		}
	}
	var left []string
	for _, p := range peers {
		if silent[netip.MustParseAddr(p)] {
			left = append(left, p)
		}
	}
	return left, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// listen strikes those off who answer until a moment.
func (p *pinger) listen(silent map[netip.Addr]bool, until time.Time) error {
	packet := make([]byte, 512)
	for len(silent) > 0 {
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		wait := unix.NsecToTimeval(int64(max(left, time.Millisecond)))
		if err := unix.SetsockoptTimeval(p.socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
			return err
		}
		n, _, err := unix.Recvfrom(p.socket, packet, 0)
		switch {
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		}
		if from, ok := p.answer(packet[:n]); ok {
			delete(silent, from)
		}
	}
	return nil
}

// echo is an ICMP echo request.
func (p *pinger) echo() []byte {
	m := make([]byte, 8)
	m[0] = 8
	binary.BigEndian.PutUint16(m[4:], p.id)
	binary.BigEndian.PutUint16(m[6:], p.seq)
	binary.BigEndian.PutUint16(m[2:], checksum(m))
	return m
}

// answer returns who sent an echo reply of ours. The packet begins with its IP
// header.
func (p *pinger) answer(packet []byte) (netip.Addr, bool) {
	if len(packet) < 20 {
		return netip.Addr{}, false
	}
	head := int(packet[0]&15) * 4
	if len(packet) < head+8 || packet[head] != 0 || binary.BigEndian.Uint16(packet[head+4:]) != p.id {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(packet[12:16])), true
}

// checksum is that of the Internet protocols: RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
