//go:build linux

package agent

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// The messages of the kernel's queue of packets, linux/netfilter/nfnetlink_queue.h.
const (
	queueSubsystem = 3 << 8
	queuePacket    = queueSubsystem | 0
	queueVerdict   = queueSubsystem | 1
	queueConfig    = queueSubsystem | 2

	packetHead    = 1  // attribute of a packet: its number, in 4 bytes
	packetPayload = 10 // and what it is made of; of a verdict: by what to replace it

	verdictHead = 2 // attribute of a verdict: what to do, and with which packet

	configCommand = 1 // attributes of a configuration
	configParams  = 2
	configLength  = 3
	configMask    = 4
	configFlags   = 5

	commandBind = 1
	copyPacket  = 2
	failOpen    = 1

	verdictDrop   = 0
	verdictAccept = 1
)

// queueNumber is that of our queue in the pod's namespace, and copyMark marks the
// copies that we send, so that they are not queued.
const (
	queueNumber = 4077
	copyMark    = 0x63686b
)

// queueLength is how many packets the kernel holds for us; more pass undisturbed.
const queueLength = 1 << 16

// queue disturbs packets: those of some peers wait in the kernel, as they come in,
// until they are let go. It is done on the receiver's side since what waits on the
// sender's counts against its socket, which then stops sending.
type queue struct {
	conn   *netlink.Conn
	copier int // raw socket for copies
	add    func(peers []string) error
	kick   chan struct{} // there may be something that is due earlier

	mu      sync.Mutex
	trouble Trouble
	wires   map[netip.Addr]*wire
	shaped  map[netip.Addr]bool
	counts  Counts
	waiting held
	err     error // of the queue, until it is told
}

// newQueue binds the queue. What comes from the peers that add is told of is queued.
func newQueue(add func(peers []string) error) (*queue, error) {
	conn, err := netlink.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return nil, err
	}
	q := &queue{conn: conn, add: add, kick: make(chan struct{}, 1), wires: map[netip.Addr]*wire{}}
	if err := errors.Join(q.bind(), q.openCopier()); err != nil {
		conn.Close()
		return nil, fmt.Errorf("queue of packets: %w", err)
	}
	go q.receive()
	go q.deliver()
	return q, nil
}

// bind asks for the queue: whole packets, and free passage when it is full.
func (q *queue) bind() error {
	// As much room as we may have: a burst that finds none passes undisturbed.
	if raw, err := q.conn.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20)
			unix.SetsockoptInt(int(fd), unix.SOL_NETLINK, unix.NETLINK_NO_ENOBUFS, 1)
		})
	}
	params := append(binary.BigEndian.AppendUint32(nil, 0xffff), copyPacket)
	for _, attributes := range [][]netlink.Attribute{
		{{Type: configCommand, Data: []byte{commandBind, 0, 0, unix.AF_INET}}},
		{{Type: configParams, Data: params}, {Type: configLength, Data: big32(queueLength)}, {Type: configMask, Data: big32(failOpen)}, {Type: configFlags, Data: big32(failOpen)}},
	} {
		m, err := queueMessage(queueConfig, netlink.Request|netlink.Acknowledge, attributes)
		if err != nil {
			return err
		}
		if _, err := q.conn.Execute(m); err != nil {
			return err
		}
	}
	return nil
}

// openCopier opens the socket that copies are sent with.
func (q *queue) openCopier() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return fmt.Errorf("raw socket: %w", err)
	}
	q.copier = s
	return unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_MARK, copyMark)
}

func big32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func queueMessage(kind netlink.HeaderType, flags netlink.HeaderFlags, attributes []netlink.Attribute) (netlink.Message, error) {
	body, err := netlink.MarshalAttributes(attributes)
	head := []byte{unix.AF_UNSPEC, 0, queueNumber >> 8, queueNumber & 0xff}
	return netlink.Message{Header: netlink.Header{Type: kind, Flags: flags}, Data: append(head, body...)}, err
}

// shape disturbs what comes over these wires and over no others.
func (q *queue) shape(t Trouble, wires []Wire) error {
	shaped := map[netip.Addr]bool{}
	peers := make([]string, len(wires))
	for i, w := range wires {
		addr, err := netip.ParseAddr(w.From)
		if err != nil || !addr.Is4() {
			return fmt.Errorf("%q is no IPv4 address", w.From)
		}
		shaped[addr], peers[i] = true, w.From
		q.mu.Lock()
		if q.wires[addr] == nil {
			q.wires[addr] = newWire(w.Seed)
		}
		q.mu.Unlock()
	}
	q.mu.Lock()
	q.trouble, q.shaped = t, shaped
	err := q.err
	q.mu.Unlock()
	return errors.Join(err, q.add(peers))
}

// clear lets everything pass, and go what waits.
func (q *queue) clear() error {
	err := q.shape(Trouble{}, nil)
	q.mu.Lock()
	for i := range q.waiting {
		q.waiting[i].due = time.Time{} // their order is that of their numbers
	}
	heap.Init(&q.waiting)
	q.mu.Unlock()
	q.hurry()
	return err
}

func (q *queue) count() Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.counts
}

func (q *queue) hurry() {
	select {
	case q.kick <- struct{}{}:
	default:
	}
}

// receive takes packets as they come in, as long as the agent lives.
func (q *queue) receive() {
	for {
		messages, err := q.conn.Receive()
		q.mu.Lock()
		if err != nil && !errors.Is(err, unix.ENOBUFS) {
			q.err = fmt.Errorf("queue of packets: %w", err)
			q.mu.Unlock()
			return
		}
		for _, m := range messages {
			if m.Header.Type == queuePacket && len(m.Data) > 4 {
				q.take(m.Data[4:])
			}
		}
		q.mu.Unlock()
		q.hurry()
	}
}

// take decides about a packet.
func (q *queue) take(attributes []byte) {
	d, err := netlink.NewAttributeDecoder(attributes)
	if err != nil {
		return
	}
	var id uint32
	var body []byte
	for d.Next() {
		switch b := d.Bytes(); d.Type() {
		case packetHead:
			if len(b) >= 4 {
				id = binary.BigEndian.Uint32(b)
			}
		case packetPayload:
			body = b
		}
	}
	p := packet{id: id, due: time.Now()}
	if head := headOf(body); head > 0 {
		from := netip.AddrFrom4([4]byte(body[12:16]))
		if w := q.wires[from]; w != nil && q.shaped[from] {
			f := w.decide(q.trouble, p.due, len(body), head, &q.counts)
			p.due, p.lost = f.due, f.lost
			if f.copied {
				p.copied = append([]byte(nil), body...)
			}
			if f.corrupt >= 0 {
				p.changed = append([]byte(nil), body...)
				p.changed[head+f.corrupt/8] ^= 1 << (f.corrupt % 8)
			}
		}
	}
	heap.Push(&q.waiting, p)
}

// headOf returns the length of a packet's IP header, or 0 if it has none.
func headOf(body []byte) int {
	if len(body) < 20 || body[0]>>4 != 4 || int(body[0]&15)*4 > len(body) {
		return 0
	}
	return int(body[0]&15) * 4
}

// deliver lets packets go when they are due, as long as the agent lives.
func (q *queue) deliver() {
	timer := time.NewTimer(0)
	for {
		select {
		case <-timer.C:
		case <-q.kick:
		}
		next := q.deliverDue(time.Now())
		if next > 0 {
			timer.Reset(next)
		}
	}
}

// deliverDue lets go what is due, and returns how long it is until the next packet
// is, 0 if there is none.
func (q *queue) deliverDue(now time.Time) time.Duration {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 || q.waiting[0].due.After(now) {
			defer q.mu.Unlock()
			if len(q.waiting) == 0 {
				return 0
			}
			return max(1, q.waiting[0].due.Sub(now))
		}
		p := heap.Pop(&q.waiting).(packet)
		q.mu.Unlock()
		if err := q.release(p); err != nil {
			q.mu.Lock()
			q.err = err
			q.mu.Unlock()
		}
	}
}

// release tells the kernel what is to become of a packet.
func (q *queue) release(p packet) error {
	verdict := uint32(verdictAccept)
	if p.lost {
		verdict = verdictDrop
	}
	attributes := []netlink.Attribute{{Type: verdictHead, Data: append(big32(verdict), big32(p.id)...)}}
	if p.changed != nil {
		attributes = append(attributes, netlink.Attribute{Type: packetPayload, Data: p.changed})
	}
	m, err := queueMessage(queueVerdict, netlink.Request, attributes)
	if err != nil {
		return err
	}
	if _, err := q.conn.Send(m); err != nil {
		return fmt.Errorf("verdict of a packet: %w", err)
	}
	if p.copied == nil {
		return nil
	}
	to := unix.SockaddrInet4{Addr: [4]byte(p.copied[16:20])}
	if err := unix.Sendto(q.copier, p.copied, 0, &to); err != nil {
		return fmt.Errorf("copy of a packet: %w", err)
	}
	return nil
}

// packet is one that waits.
type packet struct {
	id      uint32
	due     time.Time
	lost    bool
	changed []byte // what takes the place of its content, nil for none
	copied  []byte // what is sent a second time, nil for nothing
}

// held is a heap of packets by when they are due, and then by how they came in.
type held []packet

func (h held) Len() int      { return len(h) }
func (h held) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h held) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].id < h[j].id
	}
	return h[i].due.Before(h[j].due)
}
func (h *held) Push(p any) { *h = append(*h, p.(packet)) }
func (h *held) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = packet{}
	*h = (*h)[:len(*h)-1]
	return last
}
