// The app of who works outside. One page; its views are drawn here from what the phone keeps.
import "../css/icons.css";
import "./field.css";
import "./questions.css";
import { start } from "./app.js";

start();
