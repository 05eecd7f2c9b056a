package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fakeEngines starts container engines for scripts, and returns for each the variable
// that has its address: one that is too old, and one that builds no image.
func fakeEngines(t *testing.T) map[string]string {
	old := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.12")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"message":"client version 1.56 is too new. Maximum supported API version is 1.12"}`)
	}
	full := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
		case strings.HasSuffix(r.URL.Path, "/version"):
			io.WriteString(w, `{"Version":"20.10","ApiVersion":"1.41","MinAPIVersion":"1.12"}`)
		case strings.HasSuffix(r.URL.Path, "/build"):
			io.Copy(io.Discard, r.Body)
			io.WriteString(w, `{"stream":"Step 2/2 : COPY checker /checker\n"}{"error":"no space left on device"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, `{"message":"No such image"}`)
		}
	}
	addresses := map[string]string{}
	for name, answer := range map[string]http.HandlerFunc{"OLD_ENGINE": old, "FULL_ENGINE": full} {
		engine := httptest.NewServer(answer)
		t.Cleanup(engine.Close)
		addresses[name] = strings.Replace(engine.URL, "http", "tcp", 1)
	}
	return addresses
}
