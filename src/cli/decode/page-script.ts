/**
 * What the page of `decode --html` does. Only the rows that can be seen are drawn, so that it stays
 * quick with many; all text is set as text.
 */
export const PAGE_SCRIPT = `'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const [TIME, FROM, TO, BYTES, TRANSPORT, TYPE, TEXT, DETAIL, PAIR, WAY, UNANSWERED] =
  Array(11).keys();
const ROW = 26, LEFT = 150, lanesMin = Math.max(1, data.lanes.length);
const room = document.getElementById('scroll').clientWidth - LEFT - 30;
const GAP = Math.max(120, Math.min(360, room / lanesMin));
const width = LEFT + GAP * lanesMin;
const find = (id) => document.getElementById(id);
const laneX = (lane) => LEFT + GAP * (lane + 0.5);
let shown = data.rows.map((_, index) => index), chosen = -1;

function make(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  return element;
}

function short(text, length) {
  return text.length > length ? text.slice(0, length - 1) + '…' : text;
}

function kindOf(type) {
  if (type === 'problem') return 'problem';
  if (type.includes('delta')) return 'data';
  return /digest|fingerprint|want/.test(type) ? 'sync' : 'live';
}

function drawLanes() {
  const svg = find('lanes');
  svg.setAttribute('width', width);
  svg.setAttribute('height', 28);
  data.lanes.forEach((name, lane) => {
    const label = make('text', { x: laneX(lane), y: 19, class: 'name' }, short(name, GAP / 7));
    label.append(make('title', {}, name));
    svg.append(label);
  });
}

function drawRow(index, y) {
  const row = data.rows[index];
  const [x1, x2] = [laneX(row[FROM]), laneX(row[TO])];
  const pair = chosen >= 0 && data.rows[chosen][PAIR] === index ? ' paired' : '';
  const state = (index === chosen ? ' chosen' : pair) + (row[UNANSWERED] ? ' unanswered' : '');
  const label = [row[WAY], row[TRANSPORT], row[TEXT] || row[TYPE]].join(' ');
  const group = make('g', { class: 'row ' + kindOf(row[TYPE]) + state, tabindex: 0, role: 'button',
    'aria-label': label, 'data-index': index });
  group.append(make('rect', { class: 'back', x: 1, y: y + 1, width: width - 2, height: ROW - 2, rx: 3 }));
  const time = row[TIME] === null ? '' : row[TIME].toFixed(6);
  group.append(make('text', { x: 8, y: y + 17, class: 'time' }, time));
  group.append(make('text', { x: 92, y: y + 17, class: 'bytes' }, row[TRANSPORT] + ' ' + row[BYTES]));
  const middle = y + 19, sign = x2 >= x1 ? 1 : -1;
  if (x1 === x2) {
    group.append(make('circle', { class: 'head', cx: x1, cy: middle - 4, r: 4 }));
  } else {
    group.append(make('path', { class: 'arrow', d: 'M' + x1 + ' ' + middle + 'H' + (x2 - sign * 6) }));
    const tip = 'M' + x2 + ' ' + middle + 'l' + -sign * 8 + ' -4v8z';
    group.append(make('path', { class: 'head', d: tip }));
  }
  const room = Math.max(GAP, Math.abs(x2 - x1)) / 6;
  const text = make('text', { x: (x1 + x2) / 2, y: y + 13, class: 'text' },
    short(row[TEXT] || row[TYPE], room));
  text.append(make('title', {}, label));
  group.append(text);
  return group;
}

function draw() {
  const scroll = find('scroll'), svg = find('rows');
  const first = Math.max(0, Math.floor(scroll.scrollTop / ROW) - 10);
  const count = Math.ceil(scroll.clientHeight / ROW) + 20;
  const visible = shown.slice(first, first + count);
  find('space').style.height = shown.length * ROW + 'px';
  svg.style.top = first * ROW + 'px';
  svg.setAttribute('width', width);
  svg.setAttribute('height', visible.length * ROW);
  const lanes = data.lanes.map((_, lane) => make('line', { class: 'lane', x1: laneX(lane),
    x2: laneX(lane), y1: 0, y2: visible.length * ROW }));
  const focused = document.activeElement && document.activeElement.dataset.index;
  svg.replaceChildren(...lanes, ...visible.map((index, at) => drawRow(index, at * ROW)));
  if (focused) svg.querySelector('[data-index="' + focused + '"]')?.focus({ preventScroll: true });
}

function choose(index) {
  chosen = index;
  const row = data.rows[index], pair = data.rows[row[PAIR]];
  const took = pair && pair[TIME] !== null ? Math.abs(pair[TIME] - row[TIME]) * 1000 : undefined;
  const other = row[PAIR] > index ? 'answered' : 'answers what came';
  find('pair').textContent = row[WAY] + ' ' + row[TRANSPORT] + ', ' + row[BYTES] + ' bytes'
    + (took === undefined ? '' : '; ' + other + (row[PAIR] > index ? ' after ' : ' before: ')
    + took.toFixed(2) + ' ms') + (row[UNANSWERED] ? '; what it asks was not answered' : '');
  find('detail').textContent = row[TEXT] + '\\n' + row[DETAIL];
  draw();
}

function filter() {
  const form = new FormData(find('filters'));
  const text = form.get('text').toLowerCase(), type = form.get('type');
  const lane = form.get('lane'), transport = form.get('transport'), since = form.get('since');
  shown = [];
  data.rows.forEach((row, index) => {
    if (type && !row[TYPE].split('+').includes(type)) return;
    if (lane && row[FROM] !== +lane && row[TO] !== +lane) return;
    if (transport && row[TRANSPORT] !== transport) return;
    if (since && !(row[TIME] >= +since)) return;
    if (text && !(row[TEXT] + ' ' + row[WAY] + ' ' + row[DETAIL] + ' ' + data.lanes[row[FROM]] + ' '
      + data.lanes[row[TO]]).toLowerCase().includes(text)) return;
    shown.push(index);
  });
  find('summary').textContent = shown.length + ' of ' + data.rows.length + ' packets'
    + (data.start ? ', from ' + data.start : '')
    + (data.left ? '; ' + data.left + ' more are not in this page' : '');
  keepInView(shown.indexOf(chosen));
  draw();
}

/** What was chosen is in the middle, whatever is left out around it. */
function keepInView(at) {
  const scroll = find('scroll');
  find('space').style.height = shown.length * ROW + 'px';
  if (at >= 0) scroll.scrollTop = at * ROW - scroll.clientHeight / 2;
}

function fill(select, options) {
  for (const [value, text] of options) select.add(new Option(text, value));
}

const form = find('filters');
const types = new Set(data.rows.flatMap((row) => row[TYPE].split('+')));
fill(form.elements.type, [...types].sort().map((type) => [type, type]));
fill(form.elements.lane, data.lanes.map((name, lane) => [lane, name]));
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
find('scroll').addEventListener('scroll', draw);
addEventListener('resize', draw);
const rowOf = (event) => event.target.closest('.row');
find('rows').addEventListener('click', (event) => rowOf(event) && choose(+rowOf(event).dataset.index));
find('rows').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && rowOf(event)) choose(+rowOf(event).dataset.index);
});
drawLanes();
filter();
`;
