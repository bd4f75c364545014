"""Words that tell what a name is: given names, ends of organisations and places, words that lead into a name."""

from __future__ import annotations

import unicodedata

UPPER = "A-ZÀ-ÖØ-Þ"
LOWER = "a-zß-öø-ÿ"

# Names that people are given and that are hardly anything else; `grant`, `lincoln` or `madison` are left out.
GIVEN = frozenset(
    """
    aaron abby abdul abe abel abigail abraham ada adam adan adele aditi adrian adriana agnes ahmad ahmed
    aidan aiden aileen aimee aisha akira alan alana albert alberta alberto aldo alec alejandra alejandro
    alejo alex alexander alexandra alexis alfonso alfred alfredo alice alicia alina alisha alison allan
    allen allison alma alondra althea alton alvaro alvin alyssa amalia amanda amber amelia amina amir amit
    amos amrit amy ana anand anastasia anders andre andrea andreas andrew andy angel angela angelica
    angelina angelo angie angus anil anita ann anna anne anneliese annette annie ansel anthony antoinette
    anton antonia antonio anwar april archie aretha ariel arlene armando arnold aron art arthur arturo arun
    arvind asha ashley ashok astrid athena audrey august augusta aurelio aurora avery axel ayesha azalea
    barb barbara barry bart basil bea beatrice beatriz becca becky belinda ben benito benjamin benny
    bernadette bernard bernardo bernice bernie bert bertha beth bethany betsy betty bettye beverly bill
    billy birgit bjorn blair blake blanca bo bob bobby bonnie boris boyd brad bradley brandi brandon brenda
    brendan brent bret brett brian brianna bridget bridgette brittany bruce bruno bryan bud burt byron
    caitlin cal calvin cameron camille candace candice candy cara carey carl carla carlos carlton carmen
    carol carole carolina caroline carolyn carrie casey cassandra catherine cathy cecil cecile cecilia
    cecily cedric cedrick celeste celia cesar chad chandra chang chantal charlene charles charlie chelsea
    cherie cheryl chester chet chloe chris christa christian christie christina christine christoph
    christopher christy chuck chuy cindy claire clara clarence clark claude claudia clayton clement cleo
    cliff clifford clifton clint clyde cody colin colleen connie conrad constance cora cordelia corey
    corinna corinne cornelius cory courtney craig cristina cruz crystal curt curtis cynthia cyril dagmar
    daisy dale damian damon dan dana daniel daniela danielle danny dante daphne dariusz darlene darnell
    darrell darren darryl daryl dave davey david dawn deanna debbie deb deborah debra deepa deepak deirdre
    delbert delia della delores delphine dena denis denise dennis denny derek deshawn desiree dev devin
    devon dewey dexter diana diane dianne diego dina dino dirk dmitri dolly dolores domingo dominic don
    donald donna donnie dora doreen dorian doris dorothy dottie doug duane dudley dustin dwayne dwight earl
    ebony ed eddie edgar edith edmund edna eduardo edward edwin effie efrain eileen elaine elba eldon
    eleanor elena eli elias elijah elisa elisabeth elise eliza elizabeth ella ellen ellie elliot elliott
    elmer elmo eloise elsa elsie elvira elwood emil emilia emilio emily emma emmanuel emmett enid enrique
    ephraim erasmo eric erica erich erick erik erika erin ernest ernestine ernesto ernie ervin esmeralda
    esteban estelle ester esther ethan ethel etta eugene eugenia eunice eva evan evangeline evelyn everett
    ewan ezekiel ezra faisal farah fatima faye federico felicia felipe felix fern fernando fidel fiona
    fletcher flora florian floyd fran frances francesca francine francis francisco franco frank frankie
    franklin fred freda frederick freya frieda gabriel gabriela gabrielle gail garrett gary gavin gene
    genevieve geoffrey george georgia georgina gerald geraldine gerard gerardo german gerry gertrude gideon
    gil gilbert gilberto gilda gina ginger gino giovanni gisela gladys glen glenda glenn gloria gonzalo
    gordon graciela grady greg gregg gregory greta gretchen guadalupe guillermo gunther guo gurpreet gus
    gustavo guy gwen gwendolyn gwyneth hakeem hal hamza hank hannah hans hari harlan harold harpreet harriet
    harry harvey hassan hattie hazel heath heather hector heidi helen helene henrietta henry herb herbert
    herman hilda hiroshi holly homer horace horacio hortensia howard hubert hugh hugo humberto ian ibrahim
    ida ignacio ignatius ike ilene imelda imogen imran indira ines inez ingeborg ingrid iqbal ira irene iris
    irma irving isaac isabel isabella isaiah isidro ismael israel itzel iva ivan jacinta jack jackie jacob
    jacqueline jacquelyn jacques jada jaime jake jalen jamal james jamie jamila jan jana jane janelle janet
    janice janine jared jarrod jasmine jason jasper javier javon jay jayne jean jeanette jeanne jed jeff
    jeffery jeffrey jen jenna jennie jennifer jenny jerald jeremiah jeremy jermaine jerome jerry jess jesse
    jessica jesus jill jillian jim jimmy jing jo joan joann joanna joanne joaquin jocelyn jodi jodie jody
    joe joel joey johan johanna johannes john johnathan johnny jolene jon jonas jonathan jordana jorge jose
    josef josefina joseph josephine josh joshua josie joy joyce juan juana juanita jude judith judy jules
    julia julian juliana julianna julie juliet julio julius june justin justine kaitlyn kareem karen kari
    karim karin karina karine karl karla kate katelyn katherine kathleen kathryn kathy katie katrina kay
    kayla kaylee keiko keisha keith kelley kelli kellie kelly kelsey kelvin ken kendra kenji kenneth kenny
    kent kerri kerry kevin khadija khalid kiara kim kimberly kip kirk kirsten kishore kofi konrad kris
    krishna krista kristen kristi kristin kristina kristine kristopher kurt kwame kyle ladonna lakshmi lamar
    lamont lana lance lanny larry latasha latoya laura laurel lauren laurence laurie lawrence leah leanne
    lee leela leif leigh leilani leland lena leo leon leonard leonardo leopold leroy leslie lester leta
    leticia levi lewis lidia lila lilia lillian lily lina linda lindsay lindsey linus lionel lisa liz
    lizbeth lloyd lois lola lonnie lora loren lorena lorenzo loretta lori lowell lena tino lorraine lou
    louis louise lourdes
    luann lucas lucia luciano lucille lucinda lucy luella luigi luis luke lula lupe luther luz lydia lyle
    lynda lynette lynn lynne mabel mack maddie magdalena maggie malcolm malia malik mandy manny manuel marc
    marcela marcelino marci marcia marco marcos marcus marcy margaret margarita margie margo margot
    marguerite maria marian mariana marianne maribel maribeth marie marilyn mario marion marisa marisol
    marjorie mark marla marlene marlin marlon marsha marta martha martin martina marty marva marvin mary
    maryann marybeth marylou mathew mathias matilda matt matthew mattie maud maureen maurice mauricio mavis
    max maxine meagan megan meghan mei melanie melba melinda melissa melody melvin mercedes meredith merle
    merlin micah michael micheal michele michelle miguel mike mikhail mildred millie milton mina mindy
    minerva minnie miranda miriam misty mitch mitchell mitzi mohammed moira moises mollie molly mona monica
    monique monty mordecai morris moses muhammad muriel myra myrtle nadia nadine nancy naomi natalia natalie
    natalya natasha nate nathan nathaniel nawal neal ned neil nelda nell nellie nelson nestor nettie
    nicholas nick nicola nicolas nicole nikhil nikki nils nina nita noah noel noelle nolan noor nora norbert
    noreen norma norman octavia octavio odell ofelia ola olaf oleg olga olin olive oliver olivia omar opal
    ophelia ora oren orlando orville osama oscar osvaldo oswaldo otis ottilie otto pablo padma paige pam
    pamela paolo pat patience patrice patricia patrick patsy patti patty paul paula paulette pauline pearl
    pedro peggy penny percival percy perry pete peter petra phil philip philippa phillip phoebe phyllis
    pierre pilar polly porfirio prakash pramod preston priscilla priya prudence quentin quincy quinn rachael
    rachel rachelle rafael rafaela raheem raina raj rajesh rakesh ralph ramesh ramiro ramon ramona rana
    randall randi randy ranjit raquel rashid rashida raul ravi ray raymond rebecca reggie regina reginald
    renata rene renee reuben reyna reynaldo rhett rhoda rhonda ricardo richard rick ricki ricky rita rob
    robert roberta roberto robin robyn rochelle rocio rocky roderic roderick rodney rodolfo rodrigo rogelio
    roger roland romeo romulo ron ronald ronda ronnie rory rosa rosalba rosalie rosalind rosalyn rosanna
    rosario roscoe roselyn rosemarie rosemary rosie ross roxana roxanne roy royce ruben ruby rudolph rudy
    rufina rufus russ russell rusty ruth ryan sabrina sadie saeed sal sally salma salvador sam samantha
    sammy samuel sandra sandy sanjay sanjeev santiago santos sara sarah sasha satish saul scott sean
    sebastian selena selma serena sergio seth seymour shane shanice shanna shannon shari sharon shaun shauna
    shawn sheila shelbie shelby sheldon shelia shelley shelly sheri sherman sherri sherrie sherry sheryl
    shirin shirley sid sidney silvia simon simone siobhan skip sofia soledad sonia sonja sonny sonya sophia
    sophie spencer sri stacey stacie stacy stan stanley stefan stefanie stella stephan stephania stephanie
    stephen steve steven stevie stewart stuart subhash sue sukhdev sunil sunita suresh susan susana susie
    suzanne suzette sven sybil sylvia tabitha tad taj talia tamara tameka tami tammi tammy tania tanisha
    tanya tara tariq tasha tatiana ted terence teresa teri terrance terrell terrence terri terry tessa thad
    thaddeus thelma theo theodora theodore theresa theron thomas thor tia tiffany tim timmy timothy tina
    tito tobias toby todd tom tomas tomasz tommie tommy toni tonia tony tonya tracey traci tracie tracy
    travis trent trevor tricia trina trisha troy trudie trudy tuan tyler tyrone tyson ulysses uma ursula
    valentina valeria valerie vanessa vanna velma venkat vera verna verne vernon veronica vicki vickie vicky
    victor vida vijay vikram viktor vilma vince vincent viola violet virgil vito vivek vivian vladimir wade
    wallace wally walter wanda warren wayne wei wendell wendy wes wesley wilbert wilbur wiley wilfred
    wilhelmina willa willard william willie wilma wilton winifred winnie winston woodrow wyatt xavier ximena
    xiomara yadira yasmin yesenia yolanda yolonda yuri yusuf yvette yvon yvonne zachary zahra zara zeke
    zelda zeynep zoe zora
    """.split()
)

# Last words of places that are no streets.
PLACE_ENDS = frozenset(
    """
    park bridge creek river lake lakes plaza beach island islands airport cemetery stadium reservoir pond ponds
    brook bayou slough canal harbor harbour marina dam trail trailhead trails fairgrounds preserve forest
    mountain
    mountains canyon hill hills heights falls springs valley grove meadow meadows estates farm farms ranch
    building
    theater theatre auditorium boardroom pavilion gymnasium arena courthouse depot mall square tower towers pool
    field fields yard gardens garden bay cove swamp marsh wetlands watershed basin greenway greenbelt playground
    campground intersection crossing landing wash ridge point lagoon spring ravine gulch hollow arboretum
    amphitheater clubhouse cottage barn wharf pier beaches parkland woods summit terrace apartments shores
    shore bluff bluffs acres commons corners junction
    """.split()
)
STREETS = frozenset(
    """
    street avenue road lane drive boulevard court way place highway parkway terrace circle trail turnpike
    alley pike
    loop ave rd ln blvd ct pl hwy pkwy route
    """.split()
)
# Those of them that are surnames: `Anna Hill`, `Mark Fields`.
SURNAME_ENDS = frozenset(
    "hill hills brook brooks field fields pond lake marsh ridge woods bridge barn beach".split()
)

# Small words and words of business that lead into a name and are none of it.
CUT = frozenset(
    """
    of for the from to on at in and or by with between along near into over under through about as is are
    was were
    that this these those its their our his her be any each all after before until within via re than
    award awarding awarded approve approving approved approval authorize authorizing authorization accept
    accepting
    acceptance adopt adopting amend amending amendment vacate vacating vacation repair repairs replace
    replacement
    rename renaming abandon abandoning widen widening improve improving construct constructing install
    installing
    purchase purchasing recommend recommends recommendation recommending request requests requesting consider
    considering discuss discussion update presentation report reports agreement agreements contract contracts
    resolution ordinance motion item project agenda minutes permit variance rezone rezoning annex annexation
    appoint appointing appointment reappoint proclamation proclaiming grant granting lease leasing sale location
    address applicant owner property site phase section no number regular special meeting hearing public
    subject regarding concerning opening closing overlay resurfacing paving reconstruction rehabilitation
    sidewalk
    intersection corner block north/south east/west where when while if but so not both either
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august
    september october november december
    """.split()
)


def plain(word: str) -> str:
    """A word in small letters without accents and marks at its ends."""
    text = unicodedata.normalize("NFKD", word) if not word.isascii() else word
    return "".join(c for c in text if not unicodedata.combining(c)).lower().strip(".,;:'\"()")


def is_given(word: str) -> bool:
    """True for a given name, or two with a hyphen of which the first is one."""
    low = plain(word)
    return low in GIVEN or ("-" in low and low.split("-")[0] in GIVEN)
