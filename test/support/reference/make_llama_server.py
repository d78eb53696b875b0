"""Writes what a real llama-server answers about tokens, templates and completions: test/fixtures/llama-server/answers.json.

python3 make_llama_server.py LLAMA_SERVER EMBER.gguf STORIES.gguf OUTPUT
LLAMA_SERVER is the command of the server, such as "chroot /sid llama-server"; the paths are those that it sees. Greedy, on one thread.
"""
import json
import shlex
import subprocess
import sys
import time
import urllib.request

PORT = 18190
TEXTS = [
    "Hello, world",
    "Once upon a time there was a little girl",
    " two  spaces\n\n\tand a tab",
    "ü🎉 漢字",
    "<s></s><|im_start|>user<|im_end|>",
    "",
]


def requests(has_template):
    for text in TEXTS:
        for add_special in (False, True):
            for parse_special in (False, True):
                yield "/tokenize", {
                    "content": text,
                    "add_special": add_special,
                    "parse_special": parse_special,
                    "with_pieces": True,
                }
    yield "/tokenize", {"content": "Hello"}
    yield "/tokenize", {"content": ["Once", 5, " upon"], "add_special": True}
    yield "/tokenize", {}
    for tokens in ([], [5, 6, 7, 300], [1, 403, 407, 261, 378, 2], [410, 198, 191], list(range(3, 512))):
        yield "/detokenize", {"tokens": tokens}
    for messages in (
        [{"role": "user", "content": "Hi"}],
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Well"}],
        [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c\nd"}],
    ):
        # Without a template of its own llama-server takes ChatML, and Hearth the texts as they are.
        if has_template:
            yield "/apply-template", {"messages": messages}
    for prompt in ("Once upon a time", "The sky is", [300, 301, 302], ["Once", 261, " time"]):
        yield "/completion", {"prompt": prompt, "n_predict": 12, "temperature": 0, "n_probs": 3, "cache_prompt": False}
    yield "/completion", {"prompt": "Once upon a time", "n_predict": 40, "temperature": 0, "stop": ["."]}


def ask(path, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def chosen(answer):
    """Without what differs from run to run."""
    fields = ("content", "stop_type", "stopping_word", "tokens_predicted", "tokens_evaluated", "completion_probabilities")
    return {key: answer[key] for key in fields if key in answer} if "stop_type" in answer else answer


def answers(command, model, has_template):
    server = subprocess.Popen(
        [*shlex.split(command), "-m", model, "--port", str(PORT), "-t", "1", "-np", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health").close()
                break
            except OSError:
                time.sleep(0.1)
        return [{"path": path, "body": body, "answer": chosen(ask(path, body))} for path, body in requests(has_template)]
    finally:
        server.terminate()
        server.wait()


command, ember, stories, output = sys.argv[1:]
version = subprocess.run([*shlex.split(command), "--version"], capture_output=True, text=True)
ember_answers, stories_answers = answers(command, ember, True), answers(command, stories, False)
with open(output, "w", encoding="utf-8") as file:
    lines = [",\n".join(json.dumps(one, ensure_ascii=False) for one in found) for found in (ember_answers, stories_answers)]
    named = json.dumps((version.stdout + version.stderr).strip().split("\n")[0])
    file.write(f'{{"version": {named},\n"ember": [\n{lines[0]}\n],\n"stories": [\n{lines[1]}\n]}}\n')
