import { expect, test } from "vitest";
import { breakable, markup, trusted, visible } from "./markup.ts";

test("escapes what goes in, except what is markup already", () => {
  const inner = markup`<b>${"<i>"}</b>`;
  expect(markup`<p title="${`"x" & 'y'`}">${inner}${[inner, inner]}${trusted("<br>")}</p>`.markup).toBe(
    '<p title="&quot;x&quot; &amp; &#39;y&#39;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b><b>&lt;i&gt;</b><br></p>',
  );
});

test("numbers are coordinates, with two decimals at most", () => {
  expect(markup`${1 / 3} ${2} ${-0.001}`.markup).toBe("0.33 2 0");
});

test("shows controls, marks of direction and broken characters instead of obeying them", () => {
  expect(visible("a\u001b[31m\n\u202egnp.exe\ud800")).toBe("a\\u{1b}[31m\\u{a}\\u{202e}gnp.exe\ufffd");
});

test("a path may break after its slashes", () => {
  expect(breakable("a/<b>/c").markup).toBe("a/<wbr>&lt;b&gt;/<wbr>c");
});
