package history

import "unicode/utf8"

// isKeyword reports whether s is a legal keyword, given without its colon.
func isKeyword(s string) bool {
	if s == "" || s[0] == ':' || !utf8.ValidString(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < utf8.RuneSelf && ednClass[c]&isToken == 0 {
			return false
		}
	}
	return true
}

// isTag reports whether s is a legal tag, given without its #.
func isTag(s string) bool { return isKeyword(s) && s[0] != '#' && s[0] != '_' }

// isSymbol reports whether s is a legal symbol, so that it reads back as one.
func isSymbol(s string) bool {
	if !isKeyword(s) || s[0] == '#' || s[0] >= '0' && s[0] <= '9' || s == "nil" || s == "true" || s == "false" {
		return false
	}
	return len(s) < 2 || s[0] != '-' && s[0] != '+' || s[1] < '0' || s[1] > '9'
}
