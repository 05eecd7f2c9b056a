package browse

import "bytes"

// deepestJSON is how deep skim follows a document; deeper ones are decoded whole.
const deepestJSON = 100

// skim copies JSON without space and without the members that drop names: a list
// needs little of a long document, and to decode the rest would take most of the
// time. Depth is 1 in the outermost object and grows with each object, not with
// arrays. Text in which it loses its way is returned as it is; what is wrong with
// it is for the decoder to say.
func skim(text []byte, drop func(depth int, name string) bool) []byte {
	s := skimmer{in: text, out: make([]byte, 0, len(text)/4), drop: drop}
	if s.value(0, 0, true) {
		if s.next(); s.at == len(text) {
			return s.out
		}
	}
	return text
}

type skimmer struct {
	in, out []byte
	at      int
	drop    func(depth int, name string) bool
}

// next skips space and returns the byte that follows, or 0 at the end.
func (s *skimmer) next() byte {
	for ; s.at < len(s.in); s.at++ {
		if c := s.in[s.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
	}
	return 0
}

// value passes over a value and copies it if it is kept. It is false where there
// is none.
func (s *skimmer) value(nested, depth int, keep bool) bool {
	if nested > deepestJSON {
		return false
	}
	switch s.next() {
	case '{':
		return s.list('}', keep, func(first bool) (bool, bool) { return s.member(nested+1, depth+1, keep, first) })
	case '[':
		return s.list(']', keep, func(first bool) (bool, bool) {
			if keep && !first {
				s.out = append(s.out, ',')
			}
			return true, s.value(nested+1, depth, keep)
		})
	case '"':
		from := s.at
		if !s.text() {
			return false
		}
		if keep {
			s.out = append(s.out, s.in[from:s.at]...)
		}
		return true
	}
	from := s.at
	for s.at < len(s.in) && bytes.IndexByte([]byte(" \n\t\r,:]}[{\""), s.in[s.at]) < 0 {
		s.at++
	}
	if keep {
		s.out = append(s.out, s.in[from:s.at]...)
	}
	return s.at > from
}

// list passes over an object or array, from its bracket to the one that closes it.
// Entry copies one; the first that was copied has no comma before it.
func (s *skimmer) list(closing byte, keep bool, entry func(first bool) (copied, ok bool)) bool {
	if keep {
		s.out = append(s.out, s.in[s.at])
	}
	s.at++
	if s.next() != closing {
		for first := true; ; s.at++ {
			copied, ok := entry(first)
			first = first && !copied
			if c := s.next(); !ok || c != ',' && c != closing {
				return false
			} else if c == closing {
				break
			}
		}
	}
	if keep {
		s.out = append(s.out, closing)
	}
	s.at++
	return true
}

// member passes over a name with its value.
func (s *skimmer) member(nested, depth int, keep, first bool) (copied, ok bool) {
	if s.next() != '"' {
		return false, false
	}
	from := s.at
	if !s.text() {
		return false, false
	}
	name := s.in[from:s.at]
	if s.next() != ':' {
		return false, false
	}
	s.at++
	copied = keep && !s.drop(depth, string(name[1:len(name)-1]))
	if copied {
		if !first {
			s.out = append(s.out, ',')
		}
		s.out = append(append(s.out, name...), ':')
	}
	return copied, s.value(nested, depth, copied)
}

// text passes over a string with its quotes.
func (s *skimmer) text() bool {
	for s.at++; ; s.at++ {
		n := bytes.IndexByte(s.in[s.at:], '"')
		if n < 0 {
			return false
		}
		escapes := 0
		for i := s.at + n - 1; s.in[i] == '\\'; i-- { // the quote that begins the string ends this
			escapes++
		}
		s.at += n
		if escapes%2 == 0 {
			s.at++
			return true
		}
	}
}
