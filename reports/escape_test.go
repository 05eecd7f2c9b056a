package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func htmlOf(t testing.TB, in Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHostileTextStaysText: nothing that a run brings along becomes markup.
func TestHostileTextStaysText(t *testing.T) {
	page := htmlOf(t, hostileInput(t))
	for what, want := range map[string]int{"<script": 2, "</script>": 2, "<style": 1, "</textarea": 0, "<img": 0, "<!--": 0, "onerror=alert(1)>": 0,
		"<textarea": 0, "http-equiv": 1} {
		rest := scriptPart.ReplaceAllString(page, "<script></script>")
		if got := strings.Count(rest, what); got != want {
			t.Errorf("%d times %q, want %d", got, what, want)
		}
	}
	if open, shut := strings.Count(page, "<title>"), strings.Count(page, "</title>"); open != shut {
		t.Errorf("%d titles are opened and %d closed", open, shut)
	}
	for _, r := range "\u2028\u2029\u202e\u200b\x00\x1b\r" {
		if strings.ContainsRune(page, r) {
			t.Errorf("the page contains %U", r)
		}
	}
	if !utf8.ValidString(page) {
		t.Error("the page is not UTF-8")
	}
	if len(page) > 400_000 {
		t.Errorf("%d bytes: long values were not folded", len(page))
	}
	if !strings.Contains(page, "bytes in full)") && !strings.Contains(page, "… of ") {
		t.Error("a folded value does not say how long it is in full")
	}
}

// TestPageAsksForNothing: no reference leads out of the page.
func TestPageAsksForNothing(t *testing.T) {
	for name, in := range small {
		page := htmlOf(t, in(t))
		tag := regexp.MustCompile(`<[a-z][^>]*>`)
		for _, element := range tag.FindAllString(scriptPart.ReplaceAllString(page, ""), -1) {
			if regexp.MustCompile(`\s(src|style|on[a-z]+|action|srcset)=`).MatchString(element) {
				t.Errorf("%s: %s", name, element)
			}
			if href := regexp.MustCompile(`\shref="([^#])`).FindString(element); href != "" {
				t.Errorf("%s: a link leads out of the page: %s", name, element)
			}
		}
	}
}

// TestPolicyNamesStyleAndScript: a browser runs the script only if its digest is
// the one that the policy names.
func TestPolicyNamesStyleAndScript(t *testing.T) {
	page := htmlOf(t, smallValid(t))
	policy := strings.ReplaceAll(strings.ReplaceAll(regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1], "&#39;", "'"), "&#43;", "+")
	for kind, part := range map[string]string{"style-src": stylePart.FindString(page), "script-src": scriptPart.FindString(page)} {
		content := part[strings.Index(part, ">")+1 : strings.LastIndex(part, "<")]
		if want := kind + " '" + digest(content) + "'"; !strings.Contains(policy, want) {
			t.Errorf("policy %q does not contain %q", policy, want)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q allows more than it must", policy)
	}
}

func TestJUnitIsWellFormed(t *testing.T) {
	for name, in := range small {
		var b bytes.Buffer
		if err := JUnit(&b, in(t)); err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(&b); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// TestAnnotationsStayOnTheirLine: foreign text begins no workflow command.
func TestAnnotationsStayOnTheirLine(t *testing.T) {
	var b bytes.Buffer
	if err := GitHub(&b, hostileInput(t)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count("\n"+b.String(), "\n::"); got != 1 {
		t.Errorf("%d workflow commands, want 1:\n%s", got, b.String())
	}
}

func TestMarkdownEscapes(t *testing.T) {
	tests := []struct{ got, want string }{
		{markdownText("a_b <i>*x* [y](z) @me #1 www.x https://y"), `a\_b \<i\>\*x\* \[y\]\(z\) \@me \#1 www\.x https\://y`},
		{markdownText("two\nlines"), `two\\nlines`},
		{markdownCell("a|b"), "`a\\|b`"},
		{markdownCell("a`b``c"), "``` a`b``c ```"},
		{markdownBlock("```\nx"), "````text\n```\nx\n````"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}

func TestVisible(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain, žluťoučký 漢字 🙂", "plain, žluťoučký 漢字 🙂"},
		{"a\x00b\x1b[0m", `a\x00b\x1b[0m`},
		{"\xff\xfe", `\xff\xfe`},
		{"\u202eabc\u2066", `\u202eabc\u2066`},
		{"\u200b\ufeff\u00a0\u3000", `\u200b\ufeff\u00a0\u3000`},
		{"\U000e0041", `\U000e0041`},
		{"e\u0301", "e\u0301"},
		{"e" + strings.Repeat("\u0301", 5), "e" + strings.Repeat("\u0301", 3) + `\u0301\u0301`},
		{strings.Repeat("x", 1<<20), strings.Repeat("x", 50) + "… (1,048,576 bytes in full)"},
		{strings.Repeat("é", 40), strings.Repeat("é", 25) + "… (80 bytes in full)"},
	}
	for _, test := range tests {
		if got := visible(test.in, 50); got != test.want {
			t.Errorf("visible(%.40q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add(attack, 20)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 || limit > 1<<16 {
			return
		}
		got := line(s, limit)
		if !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if !shown(r) {
				t.Errorf("%q contains %U", got, r)
			}
		}
		if len(got) > 10*limit+60 {
			t.Errorf("%d bytes for a limit of %d", len(got), limit)
		}
	})
}
