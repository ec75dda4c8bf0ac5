/** The style sheet of every page. Contrast is at least 4.5:1 in both colour schemes. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --backdrop: #f2f2f2; --card: #ffffff; --text: #1b1b1b; --quiet: #5e5e5e; --line: #d6d6d6; --edge: #767676;
  --accent: #0067b8; --accent-text: #ffffff; --hover: #f2f2f2; --link: #0067b8; --alert: #b10e1c; --avatar: #dbe9f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --backdrop: #111111; --card: #1f1f1f; --text: #f5f5f5; --quiet: #c2c2c2; --line: #3d3d3d; --edge: #9a9a9a;
    --accent: #63b3f3; --accent-text: #08131c; --hover: #2d2d2d; --link: #8cc8f8; --alert: #ff9da4; --avatar: #21415c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  background: var(--backdrop); color: var(--text);
  font: 0.9375rem/1.4 "Segoe UI", "Segoe UI Web (West European)", -apple-system, "Helvetica Neue", Roboto, sans-serif;
}
main {
  width: 100%; max-width: 27.5rem; margin: auto; padding: 2.75rem;
  background: var(--card); box-shadow: 0 2px 6px rgb(0 0 0 / 0.2);
}
h1 { margin: 1rem 0 0.5rem; font-size: 1.5rem; font-weight: 600; line-height: 1.2; }
h2 { margin: 1rem 0 0.25rem; font-size: 1rem; font-weight: 600; }
p { margin: 0.5rem 0; }
a { color: var(--link); }
.brand { display: flex; align-items: center; gap: 0.5rem; color: var(--quiet); font-size: 1.125rem; font-weight: 600; }
.quiet { color: var(--quiet); font-size: 0.8125rem; }
.alert { color: var(--alert); }
.identifier { overflow-wrap: anywhere; }
ul { list-style: none; margin: 1rem 0; padding: 0; }
.accounts li { border-bottom: 1px solid var(--line); }
.account {
  display: flex; gap: 0.75rem; align-items: center; width: 100%; min-height: 3.5rem; padding: 0.625rem 0.5rem;
  border: 0; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer;
}
.account:hover, summary:hover { background: var(--hover); }
.account span { display: block; }
.account .name { font-weight: 600; }
.account .identifier { font-size: 0.8125rem; }
.avatar {
  flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; background: var(--avatar); color: var(--text);
  line-height: 2.5rem; text-align: center; font-weight: 600;
}
.account .avatar { display: block; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
summary { padding: 0.875rem 0.5rem; cursor: pointer; }
label { display: block; margin-bottom: 0.25rem; }
input {
  width: 100%; min-height: 2.25rem; padding: 0.375rem 0.5rem; border: 1px solid var(--edge); border-radius: 0;
  background: var(--card); color: inherit; font: inherit;
}
.permissions li { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
.permissions strong { display: block; font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.5rem; margin-top: 1.25rem; }
.button {
  min-width: 6.75rem; min-height: 2.25rem; padding: 0.375rem 0.75rem; border: 1px solid var(--edge);
  background: var(--hover); color: var(--text); font: inherit; text-align: center; text-decoration: none; cursor: pointer;
}
.button.primary { border-color: var(--accent); background: var(--accent); color: var(--accent-text); }
dl { margin: 1rem 0; font-size: 0.8125rem; }
dt { color: var(--quiet); }
dd { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
iframe { display: none; }
footer { padding: 1rem; color: var(--quiet); font-size: 0.8125rem; text-align: center; }
@media (max-width: 37.5rem) {
  body { background: var(--card); }
  main { margin: 0 0 auto; padding: 1.5rem; box-shadow: none; }
}
`;
