import "@vigie/web/tokens.css";
import "@vigie/web/base.css";
import "@vigie/web/components.css";
import "./styles/frame.css";
import "./styles/figures.css";
import "./styles/drawings.css";
import "./styles/detail.css";
import { render } from "preact";
import { App } from "./app";
import { registerWorker } from "./register-worker";
import { begin } from "./session";

const root = document.getElementById("app");
if (!root) throw new Error("index.html has no #app");
await begin();
render(<App />, root);
registerWorker();
