package nemesis

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The largest amounts that make sense: a year, within which sums of times do not
// overflow, a clock that stands still or runs twice as fast, and a terabyte.
const (
	maxDuration = 365 * 24 * time.Hour
	maxDriftPPM = 1_000_000
	maxLeft     = 1 << 40 // bytes
	maxBits     = 4096    // that are flipped one by one
)

// Parse reads a fault from the function and the text of its op. The text is,
// by verb:
//
//	partition               n1,n2|n3,n4,n5   groups, none of which reaches another
//	                        n1>n2 n1>n3      directed cuts
//	                        none             no cut at all
//	kill start pause resume n1,n3            nodes
//	clock-reset             n1,n3
//	clock-bump clock-jump   n1 +250ms,n3 -4s
//	clock-drift             n1 +500ppm,n3 -20ppm
//	clock-strobe            n1,n3 delta=200ms period=10ms for=5s
//	packet                  n1,n3 delay=50ms jitter=10ms loss=20% duplicate=5% reorder=20% corrupt=1% rate=1mbit
//	                        n1>n2,n1>n3 …    directed links instead of all of a node
//	power-off               n1,n3 keep=mixed     or nothing, prefix, subset, torn
//	disk-full               n1,n3 left=512       bytes that still fit
//	disk-error              n1,n3 read=20% write=1% sync=100%
//	disk-slow               n1,n3 read=5ms write=5ms sync=200ms
//	disk-flip               n1,n3 chance=100%    per read
//	disk-rot                n1,n3 bits=1         of all files
//	disk-truncate           n1,n3 bytes=100      of one file
//	member-remove           n1,n3                also member-add, member-replace
//	heal packet-clear disk-repair member-restore nothing
//
// Before it is resolved, a fault has the name of a grudge ([Grudges]) in place of
// the groups, or of a selector ([Selectors]) in place of the nodes; clock-bump, clock-jump
// and clock-drift then say up-to=4s and up-to=500ppm, the largest amount to draw.
//
// [Fault.Text] prints what Parse reads back as the same fault.
func Parse(verb, text string) (Fault, error) {
	f := Fault{Verb: Verb(verb)}
	if f.Verb.Family() == "" {
		return Fault{}, fmt.Errorf("%q is no fault: expected one of %s", verb, strings.Join(verbNames(), ", "))
	}
	if err := f.parse(text); err != nil {
		return Fault{}, fmt.Errorf("%s %q: %w", verb, text, err)
	}
	return f, nil
}

func (f *Fault) parse(text string) error {
	switch f.Verb {
	case Heal, PacketClear, DiskRepair, MemberRestore:
		if text != "" {
			return fmt.Errorf("it takes no argument")
		}
		return nil
	case Partition:
		return f.parsePartition(text)
	case ClockBump, ClockJump, ClockDrift:
		return f.parseSkews(text)
	}
	who, rest, _ := strings.Cut(text, " ")
	if err := f.parseWho(who); err != nil {
		return err
	}
	switch f.Verb {
	case ClockStrobe:
		return f.Strobe.parse(strings.Fields(rest))
	case Packet:
		return f.Packet.parse(strings.Fields(rest))
	case PowerOff:
		return parseSettings(strings.Fields(rest), map[string]setting{"keep": keepInto(&f.Keep)}, "keep")
	case DiskFull, DiskError, DiskSlow, DiskFlip, DiskRot, DiskCut:
		return f.Disk.parse(f.Verb, strings.Fields(rest))
	}
	if strings.TrimSpace(rest) != "" {
		return fmt.Errorf("unexpected %q after the nodes", rest)
	}
	return nil
}

// parseWho reads a selector, a list of nodes or, of packets, one of links.
func (f *Fault) parseWho(text string) (err error) {
	switch {
	case slices.Contains(selectorNames, text):
		f.Target = text
		return nil
	case f.Verb == Packet && strings.Contains(text, ">"):
		return f.parseWays(strings.Split(text, ","))
	}
	f.Nodes, err = parseNodes(text)
	return err
}

func (f *Fault) parsePartition(text string) error {
	switch {
	case text == none:
		return nil
	case slices.Contains(grudgeNames(), text):
		f.Target = text
		return nil
	case strings.Contains(text, ">"):
		return f.parseWays(strings.Fields(text))
	case strings.Contains(text, "|"):
		return f.parseSides(strings.Split(text, "|"))
	}
	return fmt.Errorf("expected groups (n1,n2|n3), cuts (n1>n2 n1>n3) or one of %s", strings.Join(grudgeNames(), ", "))
}

func (f *Fault) parseWays(words []string) error {
	for _, word := range words {
		from, to, _ := strings.Cut(word, ">")
		for _, node := range []string{from, to} {
			if err := checkName(node); err != nil {
				return err
			}
		}
		l := Link{from, to}
		if from == to || slices.Contains(f.Ways, l) {
			return fmt.Errorf("link %q leads nowhere or is there twice", word)
		}
		f.Ways = append(f.Ways, l)
	}
	return nil
}

func (f *Fault) parseSides(texts []string) error {
	var all []string
	for _, text := range texts {
		side, err := parseNodes(text)
		if err != nil {
			return err
		}
		f.Sides = append(f.Sides, side)
		all = append(all, side...)
	}
	return checkNames(all)
}

// parseNodes reads a comma-separated list of nodes.
func parseNodes(text string) ([]string, error) {
	nodes := strings.Split(text, ",")
	return nodes, checkNames(nodes)
}

// parseSkews reads "n1 +250ms,n3 -4s", or "minority up-to=4s".
func (f *Fault) parseSkews(text string) error {
	if who, rest, _ := strings.Cut(text, " "); slices.Contains(selectorNames, who) {
		limit, ok := strings.CutPrefix(rest, "up-to=")
		if !ok {
			return fmt.Errorf("expected up-to= after %s", who)
		}
		n, err := f.Verb.parseAmount(limit)
		if err == nil && n < 0 {
			err = fmt.Errorf("negative limit %q", limit)
		}
		f.Target, f.UpTo = who, n
		return err
	}
	var nodes []string
	for _, part := range strings.Split(text, ",") {
		node, amount, _ := strings.Cut(part, " ")
		if !strings.HasPrefix(amount, "+") && !strings.HasPrefix(amount, "-") {
			return fmt.Errorf("expected a node, a space and a signed amount, found %q", part)
		}
		n, err := f.Verb.parseAmount(amount)
		if err != nil {
			return err
		}
		nodes = append(nodes, node)
		f.Skews = append(f.Skews, Skew{node, n})
	}
	return checkNames(nodes)
}

// parseAmount reads an amount of a skew in the verb's unit.
func (v Verb) parseAmount(text string) (int64, error) {
	if v != ClockDrift {
		d, err := parseDuration(text, -maxDuration)
		return int64(d), err
	}
	number, ok := strings.CutSuffix(text, "ppm")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || !ok || n == 0 || n < -maxDriftPPM || n > maxDriftPPM {
		return 0, fmt.Errorf("%q is no drift of 1 to %d ppm, up or down", text, maxDriftPPM)
	}
	return n, nil
}

// parseDuration reads a duration that does something: any but 0, from least to a
// year.
func parseDuration(text string, least time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d == 0 || d < least || d > maxDuration {
		return 0, fmt.Errorf("%q is no duration, does nothing, or goes too far", text)
	}
	return d, nil
}

func (s *Strobe) parse(words []string) error {
	return parseSettings(words, map[string]setting{
		"delta":  durationInto(&s.Delta, -maxDuration),
		"period": durationInto(&s.Period, 1),
		"for":    durationInto(&s.For, 1),
	}, "delta", "period", "for")
}

func (p *PacketFaults) parse(words []string) error {
	err := parseSettings(words, map[string]setting{
		"delay":     durationInto(&p.Delay, 1),
		"jitter":    durationInto(&p.Jitter, 1),
		"loss":      chanceInto(&p.Loss),
		"duplicate": chanceInto(&p.Duplicate),
		"reorder":   chanceInto(&p.Reorder),
		"corrupt":   chanceInto(&p.Corrupt),
		"rate":      rateInto(&p.Rate),
	})
	if err == nil && *p == (PacketFaults{}) {
		err = fmt.Errorf("expected what is wrong with the packets, as in loss=20%%")
	}
	return err
}

func (d *DiskFaults) parse(v Verb, words []string) error {
	switch v {
	case DiskFull:
		d.Full = true
		return parseSettings(words, map[string]setting{"left": numberInto(&d.Left, 0, maxLeft)}, "left")
	case DiskRot:
		return parseSettings(words, map[string]setting{"bits": numberInto(&d.Bits, 1, maxBits)}, "bits")
	case DiskCut:
		return parseSettings(words, map[string]setting{"bytes": numberInto(&d.Bytes, 1, maxLeft)}, "bytes")
	case DiskFlip:
		return parseSettings(words, map[string]setting{"chance": chanceInto(&d.Flip)}, "chance")
	}
	known := map[string]setting{"read": chanceInto(&d.Read), "write": chanceInto(&d.Write), "sync": chanceInto(&d.Sync)}
	if v == DiskSlow {
		known = map[string]setting{"read": durationInto(&d.SlowRead, 1), "write": durationInto(&d.SlowWrite, 1), "sync": durationInto(&d.SlowSync, 1)}
	}
	err := parseSettings(words, known)
	if err == nil && *d == (DiskFaults{}) {
		err = fmt.Errorf("expected read=, write= or sync=")
	}
	return err
}

// setting reads the value of one key.
type setting func(value string) error

// parseSettings reads key=value words, each key once. Those required must be there.
func parseSettings(words []string, known map[string]setting, required ...string) error {
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		set, ok := known[key]
		if !ok {
			return fmt.Errorf("%q is not expected here, or is there twice", word)
		}
		if err := set(value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		delete(known, key)
	}
	for _, key := range required {
		if known[key] != nil {
			return fmt.Errorf("expected %s=", strings.Join(required, "=, "))
		}
	}
	return nil
}

func keepInto(k *Keep) setting {
	return func(value string) error {
		*k = Keep(value)
		if !slices.Contains(keeps, *k) {
			return fmt.Errorf("%q is none of %v", value, keeps)
		}
		return nil
	}
}

func numberInto(n *int64, least, most int64) setting {
	return func(value string) (err error) {
		if *n, err = strconv.ParseInt(value, 10, 64); err != nil || *n < least || *n > most {
			return fmt.Errorf("%q is no number from %d to %d", value, least, most)
		}
		return nil
	}
}

func durationInto(d *time.Duration, least time.Duration) setting {
	return func(value string) (err error) {
		*d, err = parseDuration(value, least)
		return err
	}
}

func chanceInto(c *Chance) setting {
	return func(value string) error {
		number, ok := strings.CutSuffix(value, "%")
		percent, err := strconv.ParseFloat(number, 64)
		*c = Chance(math.Round(percent * float64(Percent)))
		if err != nil || !ok || !(percent > 0 && percent <= 100) || *c == 0 {
			return fmt.Errorf("%q is no chance from 0.0001%% to 100%%", value)
		}
		return nil
	}
}

// rateUnits are the units of rates, the largest first, and of their names none ends in
// another one that comes before it.
var rateUnits = []struct {
	name string
	rate Rate
}{{"gbit", Gbit}, {"mbit", Mbit}, {"kbit", Kbit}, {"bit", Bit}}

// The rates that make sense: a packet of Ethernet in a dozen seconds, and the fastest
// network there is.
const (
	minRate = 1 * Kbit
	maxRate = 1000 * Gbit
)

func rateInto(r *Rate) setting {
	return func(value string) error {
		for _, u := range rateUnits {
			number, ok := strings.CutSuffix(value, u.name)
			if !ok {
				continue
			}
			n, err := strconv.ParseInt(number, 10, 64)
			if *r = Rate(n) * u.rate; err == nil && n > 0 && n <= int64(maxRate/u.rate) && *r >= minRate {
				return nil
			}
			break
		}
		return fmt.Errorf("%q is no rate from %s to %s", value, minRate, maxRate)
	}
}

// checkNames checks the names of nodes, which must differ from one another.
func checkNames(nodes []string) error {
	for i, node := range nodes {
		if err := checkName(node); err != nil {
			return err
		}
		if slices.Contains(nodes[:i], node) {
			return fmt.Errorf("node %q is there twice", node)
		}
	}
	return nil
}

// checkName refuses a node name that the text form could not tell from
// something else.
func checkName(node string) error {
	switch {
	case node == "":
		return fmt.Errorf("a node's name is missing")
	case node == none, slices.Contains(selectorNames, node), slices.Contains(grudgeNames(), node):
		return fmt.Errorf("%q is no name for a node: it means a choice of nodes", node)
	}
	for _, c := range node {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:", c) {
			return fmt.Errorf("%q is no name for a node: %q is not allowed", node, c)
		}
	}
	return nil
}
