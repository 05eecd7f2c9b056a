package docker

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestNoEngine names the place and the remedy.
func TestNoEngine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	_, err := Connect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "/nowhere/docker.sock") || !strings.Contains(err.Error(), "set DOCKER_HOST") {
		t.Errorf("%v", err)
	}
	for _, f := range Examine(t.Context()) {
		if f.Name == "containers" && (f.OK || f.Remedy == "") {
			t.Errorf("%+v", f)
		}
	}
}

// TestWrongVersion meets engines that do not speak our versions of the interface.
func TestWrongVersion(t *testing.T) {
	for name, says := range map[string]string{
		"old":      `{"message":"client version 1.56 is too new. Maximum supported API version is 1.12"}`,
		"a proxy":  `<html>Bad gateway</html>`,
		"no sense": `{`,
	} {
		engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Api-Version", "1.12")
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(says))
		}))
		t.Setenv("DOCKER_HOST", strings.Replace(engine.URL, "http", "tcp", 1))
		_, err := Connect(t.Context())
		engine.Close()
		if err == nil || !strings.Contains(err.Error(), "set DOCKER_HOST") {
			t.Errorf("%s: %v", name, err)
		} else {
			t.Log(err)
		}
	}
}

// TestImageThatFails ends with the last words of the build.
func TestImageThatFails(t *testing.T) {
	e := requireEngine(t)
	for name, c := range map[string]struct{ dockerfile, says string }{
		"no such file":    {"FROM scratch\nCOPY nothing /nothing\n", "nothing"},
		"no such command": {"FROM scratch\nBREW tea\n", "BREW"},
	} {
		image, err := e.Image(t.Context(), Recipe{Name: "broken", Dockerfile: c.dockerfile})
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "building the image checker-broken") {
			t.Errorf("%s: %s, %v", name, image, err)
		}
	}
}

// TestImageGiven takes an image that is there as it is, and says how to bring one that
// is not.
func TestImageGiven(t *testing.T) {
	e := requireEngine(t)
	built, err := e.Image(t.Context(), Recipe{Name: "given", Dockerfile: "FROM scratch\nCMD [\"/none\"]\n"})
	if err != nil {
		t.Fatal(err)
	}
	never := Recipe{Name: "never", Dockerfile: "BREW tea\n"}
	if got, err := ImageFor(t.Context(), built, never); err != nil || got != built {
		t.Errorf("%s, %v, want %s", got, err, built)
	}
	if got, err := ImageFor(t.Context(), "checker-no-such-image:0", never); err == nil || !strings.Contains(err.Error(), "cannot be pulled") || !strings.Contains(err.Error(), "docker load") {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := ImageFor(t.Context(), "", never); err == nil || !strings.Contains(err.Error(), "BREW") {
		t.Errorf("without one, the recipe is followed: %v", err)
	}
}
