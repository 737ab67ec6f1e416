"""The page: plain HTML, CSS and ES modules, served by the relay as they lie here. There is no build step.

`main.js` wires the parts together; each other module holds one idea and knows nothing of its neighbours.
"""
