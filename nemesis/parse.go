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
// overflow, and a clock that stands still or runs twice as fast.
const (
	maxDuration = 365 * 24 * time.Hour
	maxDriftPPM = 1_000_000
)

// Parse reads a fault from the function and the text of its op. The text is,
// by verb:
//
//	partition               n1,n2|n3,n4,n5   groups, none of which reaches another
//	                        n1>n2 n1>n3      directed cuts
//	                        none             no cut at all
//	kill start pause resume n1,n3            nodes
//	clock-reset             n1,n3
//	clock-bump              n1 +250ms,n3 -4s
//	clock-drift             n1 +500ppm,n3 -20ppm
//	clock-strobe            n1,n3 delta=200ms period=10ms for=5s
//	packet                  n1,n3 delay=50ms jitter=10ms loss=20% duplicate=5% reorder=20% corrupt=1%
//	heal packet-clear       nothing
//
// Before it is resolved, a fault has the name of a grudge ([Grudges]) in place of
// the groups, or of a selector ([Selectors]) in place of the nodes; clock-bump and
// clock-drift then say up-to=4s and up-to=500ppm, the largest amount to draw.
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
	case Heal, PacketClear:
		if text != "" {
			return fmt.Errorf("it takes no argument")
		}
		return nil
	case Partition:
		return f.parsePartition(text)
	case ClockBump, ClockDrift:
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
	}
	if strings.TrimSpace(rest) != "" {
		return fmt.Errorf("unexpected %q after the nodes", rest)
	}
	return nil
}

// parseWho reads a selector or a list of nodes.
func (f *Fault) parseWho(text string) (err error) {
	if slices.Contains(selectorNames, text) {
		f.Target = text
		return nil
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
		return f.parseCuts(strings.Fields(text))
	case strings.Contains(text, "|"):
		return f.parseSides(strings.Split(text, "|"))
	}
	return fmt.Errorf("expected groups (n1,n2|n3), cuts (n1>n2 n1>n3) or one of %s", strings.Join(grudgeNames(), ", "))
}

func (f *Fault) parseCuts(words []string) error {
	for _, word := range words {
		from, to, _ := strings.Cut(word, ">")
		for _, node := range []string{from, to} {
			if err := checkName(node); err != nil {
				return err
			}
		}
		l := Link{from, to}
		if from == to || slices.Contains(f.Cuts, l) {
			return fmt.Errorf("cut %q leads nowhere or is there twice", word)
		}
		f.Cuts = append(f.Cuts, l)
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
	if v == ClockBump {
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
	err := parseSettings(words, map[string]setting{
		"delta":  durationInto(&s.Delta, -maxDuration),
		"period": durationInto(&s.Period, 1),
		"for":    durationInto(&s.For, 1),
	})
	if err == nil && (s.Delta == 0 || s.Period == 0 || s.For == 0) {
		err = fmt.Errorf("expected delta=, period= and for=")
	}
	return err
}

func (p *PacketFaults) parse(words []string) error {
	err := parseSettings(words, map[string]setting{
		"delay":     durationInto(&p.Delay, 1),
		"jitter":    durationInto(&p.Jitter, 1),
		"loss":      chanceInto(&p.Loss),
		"duplicate": chanceInto(&p.Duplicate),
		"reorder":   chanceInto(&p.Reorder),
		"corrupt":   chanceInto(&p.Corrupt),
	})
	if err == nil && *p == (PacketFaults{}) {
		err = fmt.Errorf("expected what is wrong with the packets, as in loss=20%%")
	}
	return err
}

// setting reads the value of one key.
type setting func(value string) error

// parseSettings reads key=value words, each key once.
func parseSettings(words []string, known map[string]setting) error {
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
	return nil
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
