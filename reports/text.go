package reports

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds in bytes on foreign text, before it is escaped.
const (
	foldWord  = 120  // names, table cells that should stay on a line
	foldValue = 600  // values of the ops of a witness
	foldText  = 4000 // explanations and reasons
)

// maxMarks is how many combining marks are drawn on one character: what writing
// needs, and not the pile that hides the lines around it.
const maxMarks = 3

// visible makes text safe to look at: what a reader cannot see, or what would
// change how the rest is read (control characters, bidirectional overrides,
// zero-width characters, bytes that are not UTF-8), is spelled out. Longer text
// than limit bytes is cut, and its full length stated.
func visible(s string, limit int) string {
	full := len(s)
	if full <= limit && isPlain(s) {
		return s
	}
	if full > limit {
		s = s[:cut(s, limit)]
	}
	var b strings.Builder
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case !shown(r) || marks > maxMarks:
			b.WriteString(escapeRune(r))
		default:
			b.WriteRune(r)
		}
		i += size
	}
	if len(s) < full {
		fmt.Fprintf(&b, "… (%s bytes in full)", count(full))
	}
	return b.String()
}

var onOneLine = strings.NewReplacer("\n", `\n`, "\t", `\t`)

// line is visible on one line.
func line(s string, limit int) string { return onOneLine.Replace(visible(s, limit)) }

// isPlain reports whether s is printable ASCII, as nearly all values are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// cut returns the last end of a character at or before limit.
func cut(s string, limit int) int {
	for back := 0; back < utf8.UTFMax && limit-back > 0; back++ {
		if utf8.RuneStart(s[limit-back]) {
			return limit - back
		}
	}
	return limit
}

// shown reports whether a character has a look of its own.
func shown(r rune) bool {
	if r <= '~' {
		return r >= ' '
	}
	blank := unicode.Is(unicode.Zs, r) && r != ' ' || strings.ContainsRune("\u2800\u3164\uffa0\u115f\u1160", r)
	return unicode.IsGraphic(r) && !blank
}

func escapeRune(r rune) string {
	switch {
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// count prints a number with its thousands apart: 1,048,576.
func count(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// plural prints a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") {
		return count(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return count(n) + " " + noun + "s"
}

// duration prints ns in the unit that keeps three or four digits: 850 ns,
// 12.3 ms, 4.2 s, 61 min 5 s.
func duration(ns int64) string {
	switch {
	case ns < 0:
		return "-" + duration(-ns)
	case ns == 0:
		return "0 s"
	case ns < 1e3:
		return fmt.Sprintf("%d ns", ns)
	case ns < 1e6:
		return short(float64(ns)/1e3) + " µs"
	case ns < 1e9:
		return short(float64(ns)/1e6) + " ms"
	case ns < 600e9:
		return short(float64(ns)/1e9) + " s"
	}
	return fmt.Sprintf("%s min %d s", count(int(ns/60e9)), ns%60e9/1e9)
}

// short prints a number with three significant digits and no trailing zeros.
func short(x float64) string {
	if x >= 100 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

// joinAnd lists words: a, b and c.
func joinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// moment prints a point in time as seconds since the start with so many
// decimals, up to nine; the rest is cut off.
func moment(ns int64, decimals int) string {
	return count(int(ns/1e9)) + fmt.Sprintf(".%09d", ns%1e9)[:1+decimals] + " s"
}
