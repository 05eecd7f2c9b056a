package tidy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

func quantity(have int, what string, most int) string {
	return fmt.Sprintf("%d %s, at most %d", have, what, most)
}

// Patterns of what no line of the tree may contain.
var (
	unfinished   = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)
	machinePath  = regexp.MustCompile(`(^|[^\w./~-])/(work|root|home|Users)/`)
	registryHost = regexp.MustCompile(`\b(docker\.io|ghcr\.io|quay\.io|gcr\.io|public\.ecr\.aws|mcr\.microsoft\.com|registry\.k8s\.io|` +
		`proxy\.golang\.org|sum\.golang\.org|registry\.npmjs\.org|pypi\.org)\b`)
)

// words: what is committed is finished.
func words(t *tree) []violation {
	return grep(t, unfinished, "work that is not done is an issue, not a comment")
}

// machinePaths: nothing in the tree depends on where somebody keeps it.
func machinePaths(t *tree) []violation {
	return grep(t, machinePath, "a path of one machine")
}

// registries: the tree builds and tests where no registry can be reached, so no
// file names one.
func registries(t *tree) []violation {
	return grep(t, registryHost, "the host of a registry")
}

// grep finds lines that match. This package is left out, since it must name what
// it forbids; go.sum is left out, since its hashes may spell anything.
func grep(t *tree, pattern *regexp.Regexp, why string) []violation {
	var found []violation
	for _, s := range t.sources {
		if s.path == "go.sum" || strings.HasPrefix(s.path, "internal/tidy/") {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			if m := pattern.FindString(line); m != "" {
				found = append(found, violation{s.path, i + 1, fmt.Sprintf("%q: %s", strings.TrimSpace(m), why)})
			}
		}
	}
	return found
}

// vague are names that say nothing about what is inside.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc"}

// names: files and folders are called after the one thing in them.
func names(t *tree) []violation {
	var found []violation
	for _, s := range t.sources {
		words := strings.FieldsFunc(strings.TrimSuffix(s.path, path.Ext(s.path)), func(r rune) bool { return r == '/' || r == '_' })
		for _, word := range words {
			if slices.Contains(vague, word) {
				found = append(found, violation{s.path, 0, fmt.Sprintf("%q is no name: say what is inside", word)})
			}
		}
	}
	return found
}

// link matches the target of a Markdown link or image that is not a URL, without
// its fragment.
var link = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)\s]*)?\)`)

// links: every relative link in a document leads to a file or folder.
func links(t *tree) []violation {
	exists := map[string]bool{}
	for _, s := range t.sources {
		for p := s.path; p != "."; p = path.Dir(p) {
			exists[p] = true
		}
	}
	var found []violation
	for _, s := range t.sources {
		if path.Ext(s.path) != ".md" {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				if to := path.Join(s.folder(), m[1]); !exists[to] {
					found = append(found, violation{s.path, i + 1, fmt.Sprintf("link to %s, which is not there", to)})
				}
			}
		}
	}
	return found
}
